/** The operator's code around every invocation: `before` changes the request, `after` changes or logs the response. */
import type { IncomingHttpHeaders } from 'node:http';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import type { Role } from '../../plan/compiled/names.js';
import { HttpError } from '../http/http-error.js';

export interface HookContext {
  endpoint: string;
  user: string | null;
  role: Role;
  variant: string | null;
  inferenceId: string;
}

export interface HookRequest extends HookContext {
  headers: Readonly<IncomingHttpHeaders>;
  contentType: string | null;
  body: Buffer;
}

export interface HookResponse extends HookContext {
  status: number;
  headers: Readonly<IncomingHttpHeaders>;
  contentType: string | null;
  body: Buffer;
}

/** A field that is left out stays unchanged. */
export interface RequestChange {
  body?: Buffer | string;
  contentType?: string;
}

type Hook<T> = (given: T) => RequestChange | void | Promise<RequestChange | void>;

export interface HookModule {
  before?: Hook<HookRequest>;
  after?: Hook<HookResponse>;
}

export type HookName = keyof HookModule;

export class Hooks {
  constructor(
    private readonly module: HookModule,
    private readonly timeoutMs: number,
  ) {}

  /** `path`: of an ES module, relative to `folder`. Rejects if the module cannot be loaded or exports no hook. */
  static async load(path: string, folder: string, timeoutMs: number): Promise<Hooks> {
    const file = resolve(folder, path);
    const module = (await import(pathToFileURL(file).href)) as HookModule;
    for (const name of ['before', 'after'] as const)
      if (module[name] !== undefined && typeof module[name] !== 'function')
        throw new TypeError(`${file}: expected ${name} to be a function, got ${typeof module[name]}`);
    if (module.before === undefined && module.after === undefined)
      throw new TypeError(`${file}: expected an export before or after, got neither`);
    return new Hooks(module, timeoutMs);
  }

  has(name: HookName): boolean {
    return this.module[name] !== undefined;
  }

  async before(request: HookRequest): Promise<{ body: Buffer; contentType: string | null }> {
    return this.run('before', this.module.before, request);
  }

  async after(response: HookResponse): Promise<{ body: Buffer; contentType: string | null }> {
    return this.run('after', this.module.after, response);
  }

  private async run<T extends HookRequest | HookResponse>(
    name: HookName,
    hook: Hook<T> | undefined,
    given: T,
  ): Promise<{ body: Buffer; contentType: string | null }> {
    const { body, contentType } = given;
    if (hook === undefined) return { body, contentType };
    try {
      const change = (await withTimeout(async () => hook(given), this.timeoutMs)) ?? {};
      return {
        body: change.body === undefined ? body : Buffer.from(change.body),
        contentType: change.contentType ?? contentType,
      };
    } catch (error) {
      throw new HookFailure(name, error);
    }
  }
}

/** The client gets the name of the hook. The reason goes only to the log, because it can contain data of the user. */
export class HookFailure extends HttpError {
  constructor(
    readonly hook: HookName,
    cause: unknown,
  ) {
    super(500, 'InternalFailure', `The ${hook} hook of the switch failed; see the log of the switch.`, cause);
  }
}

async function withTimeout<T>(work: () => Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${ms} ms; raise hooks.timeout`)), ms);
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
