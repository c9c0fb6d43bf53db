/** Where a message goes over HTTP, and what it is signed with. */
import { z } from 'zod';
import type { ReceiverAddress } from '../../compiled/notifications.js';
import { exactlyOneOf, oneRequiredOf, addIssue, text, ifValid } from './scalars.js';

const allowedUrl = 'an https URL without user name and password; http for a loopback host such as 127.0.0.1';

/** Why nothing is sent to the URL; null where there is no objection. The sentence holds no part of the URL. */
export function urlProblem(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (/^[^/?#]*\/\/[^/?#]*@/.test(url)) return 'a URL with a user name or a password is not taken';
  if (parsed?.protocol === 'https:') return null;
  if (parsed?.protocol !== 'http:') return 'it is not an https URL';
  return isLoopback(parsed.hostname) ? null : 'plain http is for loopback hosts only';
}

function isLoopback(host: string): boolean {
  return host === '[::1]' || host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The worker's own credentials and keys are not for a spec to choose from. */
const variable = text(
  "the name of a variable in the worker's environment, not of AWS, Temporal or Penstock",
  /^(?!AWS_|TEMPORAL_|PENSTOCK_)[A-Za-z_][A-Za-z0-9_]{0,127}$/,
);

export const addressFields = {
  url: text(allowedUrl, /^https?:\/\/.{1,2000}$/)
    .optional()
    .describe('Where to send it: https, or http to a loopback host.'),
  urlEnv: variable
    .optional()
    .describe("The worker's environment variable that holds the URL, for a URL that is a secret itself."),
};
const sources = Object.keys(addressFields);

export const signingFields = {
  secretEnv: variable
    .optional()
    .describe("The worker's environment variable that holds the secret to sign with. Default: not signed."),
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

/** Refused at the object, so that a password in the URL is not shown. */
function checkUrl({ url }: AddressSpec, ctx: z.RefinementCtx): void {
  const objection = url === undefined ? null : urlProblem(url);
  if (objection !== null) addIssue(ctx, [], `url: ${objection}`, allowedUrl);
}

/** Only for what `addressed` has let through. */
export function addressOf({ url, urlEnv = '' }: AddressSpec): ReceiverAddress {
  return url === undefined ? { env: urlEnv } : { url };
}
