import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hooks } from '../../../src/switch/sagemaker/hooks.js';
import { splitOf } from '../split/splits.js';
import { openEnvironment, send, type SwitchEnvironment } from '../switch-environment.js';

describe('hooks', () => {
  let folder: string;
  let environment: SwitchEnvironment | null = null;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'penstock-hooks-'))));
  afterEach(async () => {
    await environment?.stop();
    environment = null;
    await rm(folder, { recursive: true });
  });

  async function open(code: string, timeout = '1s'): Promise<SwitchEnvironment> {
    const module = join(folder, 'hooks.mjs');
    await writeFile(module, code);
    const splits = { shop: splitOf({ candidateShare: 100 }) };
    return (environment = await openEnvironment({ splits, config: { hooks: { module, timeout } } }));
  }

  it('before hook: changes the body by user and arm -> the model gets the changed body', async () => {
    const environment = await open(`export function before({ body, user, role, variant }) {
      const { secret, ...features } = JSON.parse(body);
      return { body: JSON.stringify({ ...features, user, role, variant }) };
    }`);
    const response = await send(environment, { user: 'ada', body: '{"age":7,"secret":1}' });
    assert.deepEqual(await response.json(), { ok: true });
    assert.deepEqual(JSON.parse(environment.backend.received[0]!.body), {
      ...{ age: 7, user: 'ada', role: 'candidate', variant: 'shop-b' },
    });
  });

  it('after hook: changes the response -> the client gets the changed response', async () => {
    const environment = await open(`export async function after({ status, body, contentType }) {
      return { body: JSON.stringify({ status, contentType, was: JSON.parse(body) }), contentType: 'text/plain' };
    }`);
    const response = await send(environment, { user: 'ada' });
    assert.equal(response.headers.get('content-type'), 'text/plain');
    assert.deepEqual(await response.json(), {
      status: 200,
      contentType: 'application/json',
      was: { ok: true },
    });
  });

  for (const [problem, code] of [
    ['throws', 'export function before() { throw new Error("no such feature: secret-7"); }'],
    ['takes too long', 'export function before() { return new Promise(() => undefined); }'],
    ['throws after the response', 'export async function after() { throw new Error("secret-7"); }'],
  ] as const)
    it(`hook: ${problem} -> 500 without the reason, and the switch keeps running`, async () => {
      const environment = await open(code, '1s');
      for (let i = 0; i < 2; i++) {
        const response = await send(environment, { user: 'ada' });
        assert.equal(response.status, 500);
        const text = await response.text();
        assert.match(text, /The (before|after) hook of the switch failed/);
        assert.doesNotMatch(text, /secret-7/);
      }
      const metrics = await (await fetch(`${environment.url}/metrics`)).text();
      assert.match(metrics, /penstock_switch_hook_failures_total\{hook="\w+"\} 2/);
    });

  it('Hooks.load: module without hooks, or missing module -> rejected', async () => {
    await writeFile(join(folder, 'none.mjs'), 'export const other = 1;');
    await assert.rejects(Hooks.load('none.mjs', folder, 1000), /expected an export before or after/);
    await writeFile(join(folder, 'text.mjs'), 'export const before = "x";');
    await assert.rejects(
      Hooks.load('text.mjs', folder, 1000),
      /expected before to be a function, got string/,
    );
    await assert.rejects(Hooks.load('missing.mjs', folder, 1000), /missing\.mjs/);
  });

  it('hooks.mjs: the example -> drops the email and adds the hour', async () => {
    const example = fileURLToPath(new URL('../../../examples/switch/', import.meta.url));
    const hooks = await Hooks.load('hooks.mjs', example, 1000);
    const context = {
      endpoint: 'shop',
      user: 'ada',
      role: 'candidate',
      variant: 'b',
      inferenceId: 'i',
    } as const;
    const body = Buffer.from('{"age":40,"email":"ada@example.com"}');
    const request = { ...context, headers: {}, contentType: 'application/json', body };
    const changed = JSON.parse((await hooks.before(request)).body.toString()) as Record<string, unknown>;
    assert.deepEqual(Object.keys(changed).sort(), ['age', 'hour']);
  });
});
