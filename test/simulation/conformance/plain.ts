/** Values of both sides in one form, without what must differ: times, generated ids, stacks. */
import { defaultPayloadConverter, type Payload } from '@temporalio/common';

const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** A signature, and the time in it. */
const jws = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** Milliseconds since the epoch, from 2001 to 2096. */
const epochMs = { from: 1e12, to: 4e12 };

/** The same id gets the same number. */
export class Plain {
  private readonly ids = new Map<string, string>();

  /** Plain JSON with sorted keys. */
  of(value: unknown): unknown {
    if (typeof value === 'string')
      return value
        .replace(isoTime, '<time>')
        .replace(jws, '<proof>')
        .replace(uuid, (id) => this.numberOf(id));
    if (typeof value === 'number') return value > epochMs.from && value < epochMs.to ? '<time>' : value;
    if (Array.isArray(value)) return value.map((each) => this.of(each));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, each]) =>
      each === undefined ? [] : [[String(this.of(key)), this.of(each)] as const],
    );
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  text(value: unknown): string {
    return JSON.stringify(this.of(value)) ?? 'undefined';
  }

  private numberOf(id: string): string {
    const known = this.ids.get(id) ?? `<id ${this.ids.size + 1}>`;
    this.ids.set(id, known);
    return known;
  }
}

/** The value in a payload, and its encoding if that is not JSON. */
export function valueOf(payload: Payload): unknown {
  const value: unknown = defaultPayloadConverter.fromPayload({ data: new Uint8Array(), ...payload });
  const encoding = Buffer.from(payload.metadata?.['encoding'] ?? []).toString();
  return encoding === 'json/plain' ? value : { encoding, value };
}
