/** A URL, or the name of the worker's environment variable that holds it, for a URL that is a secret itself. */
export type ReceiverAddress = { url: string } | { env: string };
