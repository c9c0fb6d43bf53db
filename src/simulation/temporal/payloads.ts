/** Values as Temporal carries them: everything that crosses an activity, a signal or a query is JSON in a payload. */
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  defaultFailureConverter,
  defaultPayloadConverter as converter,
  ensureApplicationFailure,
  TemporalFailure,
  toPayloads,
  type Payload,
} from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

export type FailureProto = temporal.api.failure.v1.IFailure;

/** Metadata of the SDK's JSON payloads. */
const jsonEncoding = Buffer.from('json/plain');

export function encode(value: unknown): Payload {
  return converter.toPayload(value);
}

/** As the SDK's converter does, but with Node's decoder: the SDK's own one is in JavaScript, for workflows. */
export function decode(payload: Payload | null | undefined): unknown {
  if (!payload) return undefined;
  const { metadata, data } = payload;
  const encoding = metadata?.['encoding'];
  if (!encoding || !data || !jsonEncoding.equals(encoding)) return converter.fromPayload(payload);
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
}

export function encodeAll(values: unknown[]): Payload[] {
  return toPayloads(converter, ...values) ?? [];
}

export function encodeFields(values: Record<string, unknown>): Record<string, Payload> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encode(value)]));
}

export function decodeFields(fields: Record<string, Payload>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, payload]) => [name, decode(payload)]));
}

/** The failure of an activity: a worker makes an ApplicationFailure of any other error. */
export function encodeFailure(error: unknown): FailureProto {
  const failure = error instanceof TemporalFailure ? error : ensureApplicationFailure(error);
  return defaultFailureConverter.errorToFailure(
    isBenign(failure) ? withoutStack(failure) : failure,
    converter,
  );
}

/** A failure of this kind is no error: an attempt that will poll again ends with one. */
function isBenign(failure: TemporalFailure): boolean {
  return failure instanceof ApplicationFailure && failure.category === ApplicationFailureCategory.BENIGN;
}

/** The SDK writes each line of a stack in JavaScript, which takes longer than a call to AWS. */
function withoutStack(failure: TemporalFailure): TemporalFailure {
  return Object.create(failure, { stack: { value: '' } }) as TemporalFailure;
}

export function decodeFailure(failure: FailureProto): Error {
  return defaultFailureConverter.failureToError(failure, converter);
}
