/** Payloads in protobuf's JSON format: bytes are base64. */
import type { Payload } from '@temporalio/common';

export class InvalidRequest extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface PayloadJson {
  metadata?: Record<string, string>;
  data?: string;
}

const form = 'expected {"payloads": [{"metadata": {"name": "base64"}, "data": "base64"}]}';

/** Fails: InvalidRequest. */
export function readPayloads(body: string): Payload[] {
  const { payloads } = parse(body);
  if (!Array.isArray(payloads)) throw new InvalidRequest(400, form);
  return payloads.map(readPayload);
}

export function writePayloads(payloads: Payload[]): { payloads: PayloadJson[] } {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([name, value]) => [name, base64Of(value)]),
      ),
      data: base64Of(data ?? new Uint8Array()),
    })),
  };
}

function parse(body: string): { payloads?: unknown } {
  try {
    return Object(JSON.parse(body)) as object;
  } catch {
    throw new InvalidRequest(400, form);
  }
}

function readPayload(json: unknown): Payload {
  const { metadata, data } = Object(json) as { metadata?: unknown; data?: unknown };
  const named = Object.entries(Object(metadata ?? {}) as object);
  return {
    metadata: Object.fromEntries(named.map(([name, value]) => [name, bytesOf(value)])),
    data: bytesOf(data ?? ''),
  };
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new InvalidRequest(400, form);
  return Buffer.from(value, 'base64');
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
