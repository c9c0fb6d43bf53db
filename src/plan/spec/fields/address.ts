/** HTTP receivers of messages: URL and signing secret. */
import { z } from 'zod';
import type { ReceiverAddress } from '../../compiled/notifications.js';
import { exactlyOneOf, oneRequiredOf, addIssue, text, ifValid } from './scalars.js';

const allowedUrl = 'an https URL without user name and password; http for a loopback host such as 127.0.0.1';

/** Why the URL is not allowed. Null if it is. The message contains no part of the URL. */
export function urlProblem(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (/^[^/?#]*\/\/[^/?#]*@/.test(url)) return 'a user name or password in a URL is not allowed';
  if (parsed?.protocol === 'https:') return null;
  if (parsed?.protocol !== 'http:') return 'the URL is not a valid https URL';
  return isLoopback(parsed.hostname) ? null : 'plain http is for loopback hosts only';
}

function isLoopback(host: string): boolean {
  return host === '[::1]' || host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A spec must not read the worker's own credentials and keys. */
const variable = text(
  "the name of a variable in the worker's environment, not of AWS, Temporal or Penstock",
  /^(?!AWS_|TEMPORAL_|PENSTOCK_)[A-Za-z_][A-Za-z0-9_]{0,127}$/,
);

export const addressFields = {
  url: text(allowedUrl, /^https?:\/\/.{1,2000}$/)
    .optional()
    .describe('URL of the receiver: https, or http for a loopback host.'),
  urlEnv: variable
    .optional()
    .describe("The worker's environment variable with the URL, for a URL that is itself a secret."),
};
const sources = Object.keys(addressFields);

export const signingFields = {
  secretEnv: variable
    .optional()
    .describe("The worker's environment variable with the signing secret. Default: requests are not signed."),
};

interface AddressSpec {
  url?: string | undefined;
  urlEnv?: string | undefined;
}

/** An object with one address and the other fields. */
export function addressed<S extends z.ZodRawShape>(fields: S) {
  return z
    .strictObject({ ...addressFields, ...fields })
    .superRefine(...exactlyOneOf(sources))
    .superRefine((given, ctx) => checkUrl(given as AddressSpec, ctx), ifValid)
    .meta(oneRequiredOf(sources));
}

/** The problem is reported at the object, so a password in the URL is not shown. */
function checkUrl({ url }: AddressSpec, ctx: z.RefinementCtx): void {
  const problem = url === undefined ? null : urlProblem(url);
  if (problem !== null) addIssue(ctx, [], `url: ${problem}`, allowedUrl);
}

/** The fields are those that `addressed` accepted. */
export function addressOf({ url, urlEnv = '' }: AddressSpec): ReceiverAddress {
  return url === undefined ? { env: urlEnv } : { url };
}
