/** Carries requests of SDK clients to an emulator in this process. */
import type { InProcessEmulator, SdkRequest, SdkResponse } from '../../emulator/in-process.js';
import { currentProcess } from '../process/simulated-process.js';

/** A call of the AWS API on its way. */
export interface AwsCall {
  /** For example `CreateEndpoint`. */
  operation: string;
  /** Number of this call in its account, from 1. */
  number: number;
}

export interface Network {
  /** Simulated milliseconds from a request to its effect. */
  latencyMs: number;
  /** The account that has the requests: callers can have the credentials of another one. Default: the simulation's. */
  account?: InProcessEmulator | null;
  /** Called before the call has its effect. The caller gets an error that it throws. */
  before?: (call: AwsCall) => void;
  /** Called between the effect and the response. */
  after?: (call: AwsCall) => void;
}

/** The part of the SDK's HttpHandler that clients use (@smithy/core, protocols). */
export interface SimulatedRequestHandler {
  readonly metadata: { handlerProtocol: string };
  handle(request: SdkRequest, options?: { abortSignal?: AbortSignal }): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): object;
  destroy(): void;
}

/** A request reaches nothing, and no response arrives, once the process of its caller is dead. */
export function requestHandlerOf(emulator: InProcessEmulator, network: Network): SimulatedRequestHandler {
  let number = 0;
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, { abortSignal } = {}) {
      const process = currentProcess();
      if (abortSignal?.aborted) throw abortErrorOf(abortSignal);
      const call = { operation: operationOf(request), number: ++number };
      const answered = async () => {
        if (network.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, network.latencyMs));
        network.before?.(call);
        await process?.checkpoint();
        const { account } = network;
        const response = await (account
          ? account.answer(signedIn(account.region, request))
          : emulator.answer(request));
        network.after?.(call);
        await process?.checkpoint();
        return { response };
      };
      return abortSignal === undefined ? answered() : untilAborted(answered(), abortSignal);
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}

/** A caller with the credentials of another account also has that account's region. */
function signedIn(region: string, request: SdkRequest): SdkRequest {
  const authorization = request.headers['authorization']?.replace(
    /(Credential=[^/]+\/\d{8}\/)[^/]+/,
    `$1${region}`,
  );
  return { ...request, headers: { ...request.headers, ...(authorization && { authorization }) } };
}

/** AWS carries out a request even if its caller no longer waits for the response. */
function untilAborted<T>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortErrorOf(signal));
    signal.addEventListener('abort', abort, { once: true });
    answered.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** As the SDK's own handler names it (@smithy/node-http-handler, buildAbortError). */
function abortErrorOf({ reason }: AbortSignal): Error {
  return Object.assign(new Error('Request aborted', { cause: reason }), { name: 'AbortError' });
}

function operationOf({ headers, path, body }: SdkRequest): string {
  const target = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1];
  if (target !== undefined) return target.split('.').at(-1) ?? '';
  const ofPath = /\/operation\/(\w+)$/.exec(path)?.[1];
  if (ofPath !== undefined) return ofPath;
  if (/\/invocations$/.test(path)) return 'InvokeEndpoint';
  return (typeof body === 'string' && new URLSearchParams(body).get('Action')) || path;
}
