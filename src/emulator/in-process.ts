/**
 * The emulator without a server: SDK clients of this process call it through a request handler. It has no state file and
 * runs no programs.
 */
import { beginAccount, createRegions } from './account/create-account.js';
import { observableStateOf } from './account/observable-state.js';
import type { Regions } from './account/regions.js';
import { controlsOf, type EmulatorControls } from './control/controls.js';
import { answerCall } from './http/wire.js';
import type { EmulatorOptions } from './options.js';
import { simulatedPrograms } from './programs/programs.js';

/** The parts of an SDK request that the emulator reads (HttpRequest of @smithy/core). */
export interface SdkRequest {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/** As the SDK's deserializers read it. */
export interface SdkResponse {
  statusCode: number;
  reason?: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface InProcessEmulator extends EmulatorControls {
  region: string;
  account: string;
  /** Answers a request of an SDK client. Throws ConnectionClosed if a fault loses the response. */
  answer(request: SdkRequest): Promise<SdkResponse>;
  /** When something happens in the account without a caller, in milliseconds since the epoch. Null: never. */
  nextDueMs(): number | null;
  /** Runs everything that is due by the clock. */
  advance(): Promise<void>;
  /** The states that a caller waits for: another text means that one has changed. */
  observableState(): string;
}

/** As NodeHttpHandler reports a connection that closes: @smithy/node-http-handler, NODEJS_TIMEOUT_ERROR_CODES. */
export class ConnectionClosed extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ECONNRESET';

  constructor() {
    super('socket hang up');
  }
}

export type InProcessOptions = Omit<
  EmulatorOptions,
  'port' | 'host' | 'programs' | 'dataDir' | 'stateFile' | 'stateEverySeconds'
>;

export async function openInProcess(options: InProcessOptions): Promise<InProcessEmulator> {
  const regions = createRegions(options, simulatedPrograms);
  await beginAccount(regions, options);
  const { region, account: id } = regions.home.options;
  return {
    ...controlsOf(regions.home),
    ...{ region, account: id },
    answer: (request) => answer(regions, request),
    nextDueMs: () => nextDueMs(regions),
    advance: () => regions.advance(),
    observableState: () => regions.all.map(observableStateOf).join('\n'),
  };
}

function nextDueMs({ all }: Regions): number | null {
  const times = all.flatMap(({ scheduler }) => scheduler.nextAt ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

async function answer(regions: Regions, request: SdkRequest): Promise<SdkResponse> {
  const url = new URL(request.path, 'http://127.0.0.1');
  for (const [name, value] of Object.entries(request.query ?? {}))
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, each ?? '');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const response = await answerCall(regions, {
    ...{ method: request.method, url, headers },
    body: bytesOf(request.body),
  });
  if (response === null) throw new ConnectionClosed();
  const date = { date: new Date(regions.home.time).toUTCString() };
  return {
    statusCode: response.status,
    headers: { ...date, ...response.headers },
    body: bytesOf(response.body),
  };
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new Error('the emulator reads bodies of text or bytes only, got a stream');
}
