/** What a receiver says, without the secrets that it was sent: it may repeat them, whole or in part. */
import type { Environment, Receiver } from './signed-post.js';

/** Shorter parts of a URL, such as `hooks` or `v1`, are words of other sentences too. */
const minSecretLength = 8;

export function redactSecrets(text: string, { address, secretEnv }: Receiver, env: Environment): string {
  const secret = secretEnv === null ? '' : (env[secretEnv] ?? '');
  const url = 'env' in address ? (env[address.env] ?? '') : '';
  const hidden = [secret, ...partsOf(url)].filter((part) => part !== '');
  // What holds another comes before it, or its rest would stay.
  hidden.sort((a, b) => b.length - a.length);
  return hidden.reduce((rest, part) => rest.replaceAll(part, '***'), text);
}

/** As servers repeat a URL: whole, from the path on, or a part of it, as it was sent or decoded. */
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
