/**
 * The account and region that this worker's credentials lead to. With the credentials of another account or region, a
 * worker finds none of the rollout's objects, or others of the same name, and would believe both.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { DescribeEndpointCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ApplicationFailure } from '@temporalio/common';
import { retryableFailure } from '../temporal/failures.js';
import type { Account, InStartAccount, StartAccount } from '../interface/account.js';
import { NotFound, readAws, toFailure } from './errors.js';

export interface WorkerAccount {
  /** Asks SageMaker for an endpoint, which may be absent. Null: the answer does not name the account. */
  read(endpoint: string): Promise<Account | null>;
  /**
   * Fails: WrongAccount, if the worker is in another account or region. It asks once per process, and again after each
   * mismatch, because the credentials of a process can change.
   */
  require(startedIn: StartAccount): Promise<void>;
  /**
   * Fails: WrongAccount, if an answer "not found" comes from another account or region than `startedIn`; the failure of the
   * question, if the answer does not say where it comes from.
   */
  requireForNotFound(error: unknown, startedIn: StartAccount): Promise<void>;
}

/** The account in which the rollout of the running activity started. */
const started = new AsyncLocalStorage<StartAccount | undefined>();

export function createWorkerAccount(sagemaker: SageMakerClient): WorkerAccount {
  let known: string | null = null;

  const read: WorkerAccount['read'] = async (endpoint) => {
    const found = accountIn(await started.run(undefined, () => describedArn(sagemaker, endpoint)));
    known = found === null ? null : nameOf(found);
    return found;
  };

  return {
    read,
    async require({ endpoint, account, region }) {
      const expected = nameOf({ account, region });
      if (known === expected) return;
      const found = await read(endpoint).catch(nullIfDenied);
      // If AWS changes the text of its answer, rollouts continue without this check. If AWS denies it, the calls of the
      // activity are denied too, and the activity says what that means.
      if (found === null || nameOf(found) === expected) return;
      throw wrongAccount(nameOf(found), expected);
    },
    async requireForNotFound(error, { endpoint, account, region }) {
      if (!(toFailure(error) instanceof NotFound)) return;
      const expected = nameOf({ account, region });
      // Answers about endpoint configs name the ARN too: https://github.com/aws/amazon-sagemaker-examples/issues/2339. If
      // one does not, that of DescribeEndpoint does.
      const found = accountIn(error instanceof Error ? error.message : '') ?? (await read(endpoint));
      if (found === null || nameOf(found) === expected) return;
      known = null;
      throw wrongAccount(nameOf(found), expected);
    },
  };
}

/** The credentials of a process can change after its check, even between two calls of one activity. */
export function checkAccountOfNotFound(sagemaker: SageMakerClient, account: WorkerAccount): void {
  sagemaker.middlewareStack.add(
    (next) => async (call) => {
      try {
        return await next(call);
      } catch (error) {
        const startedIn = started.getStore();
        if (startedIn !== undefined) await account.requireForNotFound(error, startedIn);
        throw error;
      }
    },
    { step: 'initialize', name: 'accountOfNotFound', override: true },
  );
}

function wrongAccount(found: string, expected: string): ApplicationFailure {
  return retryableFailure(
    'WrongAccount',
    `this worker is in ${found}; the rollout started in ${expected}; give the worker the credentials and ` +
      `the region of the rollout, or stop it`,
  );
}

function nullIfDenied(error: unknown): null {
  if (error instanceof ApplicationFailure && error.type === 'AccessDenied') return null;
  throw error;
}

type Activity<A, R> = (argument: A) => Promise<R>;

/** The activity runs only in the account in which its rollout started. */
export function inStartAccount(worker: WorkerAccount) {
  return <A extends object, R>(activity: Activity<A, R>): Activity<A & InStartAccount, R> =>
    async (argument) => {
      const { startedIn } = argument;
      if (startedIn === undefined) return activity(argument);
      await worker.require(startedIn);
      return started.run(startedIn, () => activity(argument));
    };
}

/**
 * The endpoint's ARN, or the text that has it: SageMaker answers `Could not find endpoint
 * "arn:aws:sagemaker:us-west-2:123456789012:endpoint/NAME".` Source: an answer that a user has published,
 * https://github.com/aws/amazon-sagemaker-examples/issues/2402
 */
async function describedArn(sagemaker: SageMakerClient, EndpointName: string): Promise<string> {
  const command = new DescribeEndpointCommand({ EndpointName });
  try {
    return (await readAws((o) => sagemaker.send(command, o))).EndpointArn ?? '';
  } catch (error) {
    if (error instanceof NotFound) return error.message;
    throw error;
  }
}

/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const sageMakerArn = /\barn:[\w-]+:sagemaker:([a-z0-9-]+):(\d{12}):/;

function accountIn(text: string): Account | null {
  const [, region, account] = sageMakerArn.exec(text) ?? [];
  return region === undefined || account === undefined ? null : { account, region };
}

function nameOf({ account, region }: Account): string {
  return `account ${account}, region ${region}`;
}
