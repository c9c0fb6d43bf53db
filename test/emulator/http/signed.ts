/** Headers in the format of a signature, for requests without an SDK. */
export const signed = {
  authorization: `AWS4-HMAC-SHA256 Credential=emulator/20260301/us-east-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
  'x-amz-date': '20260301T120000Z',
};
