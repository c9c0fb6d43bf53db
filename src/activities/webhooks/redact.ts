/** Removes secrets from a receiver's answer, which may repeat the URL or the secret, completely or in part. */
import { variableOf, type Environment, type Receiver } from './signed-post.js';

/** Shorter parts of a URL, such as `hooks` or `v1`, also occur in harmless text. */
const minSecretLength = 8;

export function redactSecrets(text: string, { address, secretEnv }: Receiver, env: Environment): string {
  const secret = secretEnv === null ? '' : variableOf(env, secretEnv);
  const url = 'env' in address ? variableOf(env, address.env) : '';
  const secrets = [secret, ...partsOf(url)].filter((part) => part !== '');
  // Longer parts first: if a part inside a longer one were replaced first, the rest of the longer one would
  // stay.
  secrets.sort((a, b) => b.length - a.length);
  return secrets.reduce((rest, part) => rest.replaceAll(part, '***'), text);
}

/** Forms in which servers repeat a URL: complete, path and query, or a part of it, each encoded or decoded. */
function partsOf(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { href, host, hostname, pathname, search, searchParams } = new URL(url);
  const paths = [pathname + search, pathname].filter((path) => path !== '/');
  const pieces = [
    host,
    hostname,
    ...pathname.split('/'),
    ...search.split(/[?&=]/),
    ...[...searchParams].flat(),
  ];
  const long = (part: string) => part.length >= minSecretLength;
  return [
    url,
    href,
    ...paths,
    ...paths.map(decode),
    ...pieces.filter(long),
    ...pieces.map(decode).filter(long),
  ];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
