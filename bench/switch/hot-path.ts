/**
 * Processor time of a call with the SDK's client and with the switch's client, and of a signature with both signers.
 */
import { createHash, createHmac } from 'node:crypto';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';
import { AwsAccess } from '../../src/switch/sagemaker/aws-access.js';
import { SageMaker } from '../../src/switch/sagemaker/sagemaker.js';
import { Signer } from '../../src/switch/sagemaker/signer.js';
import type { Figure } from '../table.js';

const atOnce = 16;
const forMs = 3000;
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const region = 'eu-west-1';
const body = Buffer.from(JSON.stringify({ features: Array.from({ length: 20 }, (_, i) => i / 7) }));
const headers = ['content-type', 'application/json', 'x-amzn-sagemaker-target-variant', 'bench-a'];
const path = '/endpoints/bench/invocations';

export async function measureSdk(backend: string): Promise<Figure[]> {
  const client = new SageMakerRuntimeClient({ endpoint: backend, region, credentials });
  const sagemaker = new SageMaker(await AwsAccess.open({ endpoint: backend, region, credentials }), {
    maxConnections: atOnce,
    responseTimeoutMs: 10_000,
  });
  const taker = { begin: () => undefined, data: () => true };
  const command = {
    EndpointName: 'bench',
    TargetVariant: 'bench-a',
    ContentType: 'application/json',
    Body: body,
  };
  const signer = new Signer(region, 'sagemaker');
  const unsigned = { method: 'POST', path, host: 'backend', headers, body };
  const sdkSigner = new SignatureV4({
    region,
    service: 'sagemaker',
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = { method: 'POST', protocol: 'http:', hostname: 'backend', path, body };
  const named = {
    host: 'backend',
    'content-type': 'application/json',
    'x-amzn-sagemaker-target-variant': 'bench-a',
  };
  const rows: [string, () => Promise<unknown>][] = [
    ['a call by the SDK client', () => client.send(new InvokeEndpointCommand(command))],
    [
      "a call by the switch's own client",
      () => sagemaker.invoke({ path, headers, body }, taker, () => undefined),
    ],
    ['a signature by the SDK', () => sdkSigner.sign({ ...request, headers: { ...named } })],
    [
      "a signature by the switch's own",
      () => Promise.resolve(signer.sign(unsigned, credentials, Date.now())),
    ],
  ];
  const figures: Figure[] = [];
  for (const [what, call] of rows)
    figures.push({ what, measured: `${(await cpuOf(call)).toFixed(0)} us of processor`, aim: '' });
  client.destroy();
  await sagemaker.close();
  return figures;
}

/** Processor time of this process per call, in microseconds. */
async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const loop = async (endMs: number) => {
    for (; performance.now() < endMs; count++) await call();
  };
  const run = (ms: number) => {
    const endMs = performance.now() + ms;
    return Promise.all(Array.from({ length: atOnce }, () => loop(endMs)));
  };
  await run(forMs / 3);
  count = 0;
  const before = process.cpuUsage();
  await run(forMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

class Sha256 {
  private readonly hash;

  constructor(secret?: SourceData) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: Uint8Array): void {
    this.hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
}

function bytesOf(data: SourceData): Uint8Array | string {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
