/** Values as Temporal carries them: everything that crosses an activity, a signal or a query is JSON in a payload. */
import {
  defaultFailureConverter,
  defaultPayloadConverter as converter,
  ensureApplicationFailure,
  TemporalFailure,
  toPayloads,
  type LoadedDataConverter,
  type Payload,
} from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

export type FailureProto = temporal.api.failure.v1.IFailure;

/** A client without encryption has it. */
export const dataConverter: LoadedDataConverter = {
  payloadConverter: converter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
};

export function encode(value: unknown): Payload {
  return converter.toPayload(value);
}

export function decode(payload: Payload | null | undefined): unknown {
  return !payload ? undefined : converter.fromPayload(payload);
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
  return defaultFailureConverter.errorToFailure(failure, converter);
}

export function decodeFailure(failure: FailureProto): Error {
  return defaultFailureConverter.failureToError(failure, converter);
}
