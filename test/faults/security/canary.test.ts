import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { answer, hangUp, Receiver } from '../../activities/webhooks/receiver.js';
import { specOf } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { devServer } from '../../support/dev-server.js';
import { Program } from '../server/program.js';
import { actorKeyPair, control, environmentOf, found, inlined, secrets } from './canaries.js';
import { evidenceOf, pendingEvidence } from './evidence.js';

const endpoint = 'secretive';
const workflowId = workflowIdOf(endpoint);

/** All outputs, by name. */
class Outputs {
  readonly parts = new Map<string, string>();

  add(name: string, text: string): void {
    this.parts.set(name, `${this.parts.get(name) ?? ''}\n${text}`);
  }

  /** `OUTPUT: CANARY` for each canary that is found. */
  finds(canaries?: Record<string, string>, except: (name: string) => boolean = () => false): string[] {
    return [...this.parts]
      .filter(([name]) => !except(name))
      .flatMap(([name, text]) => found(text, canaries).map((canary) => `${name}: ${canary}`));
  }
}

describe('secrets in outputs', () => {
  let environment: E2eEnvironment;
  let receiver: Receiver;
  let folder: string;
  const outputs = new Outputs();

  before(async () => {
    environment = await E2eEnvironment.open('canary');
    receiver = await Receiver.open();
    folder = await mkdtemp(join(tmpdir(), 'penstock-canary-'));
    await writeFile(join(folder, 'ana.pem'), actorKeyPair.privatePem);
    await writeFile(join(folder, 'actors.json'), JSON.stringify({ ana: [actorKeyPair.publicPem] }));
  });
  after(async () => {
    await environment.close();
    await receiver.close();
    await rm(folder, { recursive: true });
  });

  async function programEnvironment(): Promise<Record<string, string>> {
    const { address } = await devServer();
    return {
      ...environment.emulator.env,
      AWS_ENDPOINT_URL_SNS: `${receiver.url}/sns`,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: environment.temporal.options.namespace,
      TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'),
      PENSTOCK_ACTOR_KEY_FILE: join(folder, 'ana.pem'),
      PENSTOCK_ACTOR_KEYS: join(folder, 'actors.json'),
      ...environmentOf(receiver.url),
    };
  }

  async function penstock(args: string[], env: Record<string, string>): Promise<string> {
    const program = await Program.penstock(args, env);
    const { output } = await program.ended;
    const text = `${output.stdout}\n${output.stderr}`;
    outputs.add(`penstock ${args[0]}`, text);
    return text;
  }

  it('secrets: whole rollout with failing receivers and AWS calls -> no output contains a secret', async function () {
    this.timeout(1_800_000);
    const env = await programEnvironment();
    await environment.putLive(endpoint);
    receiveBadly(receiver);
    environment.emulator.faults.add({ operation: 'GetMetricData', kind: 'accessDenied', count: 2 });
    const spec = join(folder, 'rollout.json');
    await writeFile(spec, JSON.stringify(specWithReceivers(receiver.url)));
    const worker = await Program.worker(env);
    const config = join(folder, 'switch.yaml');
    await writeFile(
      config,
      `listen: { port: 0 }\nuser: [{ header: x-user }]\nendpoints: [${endpoint}]\nrecords: {}\n`,
    );
    const router = await Program.penstock(
      ['switch', '--config', config, '--state', join(folder, 'state')],
      env,
    );
    try {
      await penstock(['lint', spec], env);
      await penstock(['plan', spec], env);
      await penstock(['start', spec, '--actor', control], env);
      await collectStatuses(env, ({ phase }) => phase === 'baking');
      await penstock(['pause', endpoint, '--actor', 'ana', '--reason', control], env);
      await penstock(['resume', endpoint, '--actor', 'ana', '--reason', 'continue'], env);
      await Promise.all([
        // Temporal repeats notifications for minutes, unless their receivers are gone.
        collectStatuses(env, ({ phase }) => phase === 'ended').then(() => (receiver.reply = gone)),
        penstock(['watch', endpoint], env),
      ]);
      const { outcome } = await environment.rollouts.get(endpoint);
      assert.equal(outcome, 'promoted', [...outputs.parts.values()].join('\n').slice(-3000));
    } finally {
      await router.stop();
      await worker.stop();
    }
    outputs.add('worker', worker.printed);
    outputs.add('switch', router.printed);
    for (const file of await readdir(join(folder, 'state')))
      outputs.add('switch state', await readFile(join(folder, 'state', file), 'utf8'));
    outputs.add('temporal', await evidenceOf(environment.temporal, workflowId));

    assert.ok(
      receiver.received.some(({ path }) => path.includes(secrets.gatePath)),
      'the gate webhook was called',
    );
    assert.ok(
      receiver.received.some(({ path }) => path.includes(secrets.slackPath)),
      'Slack was notified',
    );
    assert.ok(
      receiver.received.some(({ path }) => path.startsWith('/sns')),
      'SNS was notified',
    );
    assert.ok(
      environment.emulator.calls.of('GetMetricData').some(({ outcome }) => /denied/i.test(outcome)),
      'AWS denied a call',
    );
    assert.match(outputs.parts.get('timeline') ?? '', /resume by ana \(verified\)/, 'the key was used');
    assert.deepEqual(outputs.finds(), []);
    assert.deepEqual(
      outputs.finds({ inlined }, (name) => name === 'temporal'),
      [],
      'outputs show only the host of a URL in the spec',
    );
  });

  it('secret search: control text is written on purpose -> found in each kind of output', () => {
    const places = outputs.finds({ control });
    for (const name of ['temporal', 'timeline', 'penstock status', 'penstock list'])
      assert.ok(places.includes(`${name}: control`), `${name}: ${places.join(', ')}`);
    assert.deepEqual(found(Buffer.from(`x${secrets.gateSecret}`).toString('base64')), ['gateSecret']);
    assert.ok(outputs.parts.get('worker')?.includes('worker ready'));
    assert.ok(outputs.parts.get('switch')?.includes(endpoint));
    assert.ok([...outputs.parts.keys()].length > 8);
  });

  it('secrets: commands cannot connect to Temporal -> error messages contain no secret', async function () {
    this.timeout(1_800_000);
    const env = { ...(await programEnvironment()), TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const toml = join(folder, 'broken.toml');
    await writeFile(toml, `[profile.default]\napi_key = "${secrets.temporalApiKey}\n`);
    const brokenEnvironments: Record<string, string>[] = [
      { ...env, TEMPORAL_TLS: 'true' },
      { ...env, TEMPORAL_CONFIG_FILE: toml },
      { ...env, no_proxy: '', NO_PROXY: '', TEMPORAL_ADDRESS: '127.0.0.2:1' },
      { ...env, PENSTOCK_ENCRYPTION_KEYS: `id:${secrets.unrelated}` },
      { ...env, PENSTOCK_ACTOR_KEYS: join(folder, 'ana.pem') },
    ];
    for (const broken of brokenEnvironments) {
      const texts = await Promise.all(
        ['status', 'worker'].map((verb) => penstock(verb === 'status' ? [verb, endpoint] : [verb], broken)),
      );
      for (const text of texts) {
        assert.match(text, /Temporal|PENSTOCK_ENCRYPTION|PENSTOCK_ACTOR_KEYS/);
        assert.deepEqual(found(text), []);
      }
    }
  });

  /** Collects pending activities until the condition is met, then statuses of every kind. */
  async function collectStatuses(
    env: Record<string, string>,
    condition: (status: { phase: string }) => boolean,
  ): Promise<void> {
    for (const ends = Date.now() + 900_000; Date.now() < ends; await delay(1_000)) {
      outputs.add('temporal pending', await pendingEvidence(environment.temporal, workflowId));
      const status = await environment.rollouts.get(endpoint);
      if (!condition(status)) continue;
      await Promise.all([
        penstock(['status', endpoint], env),
        penstock(['status', endpoint, '--json'], env),
        penstock(['list', '--all', '--json'], env),
      ]);
      outputs.add('timeline', JSON.stringify(await environment.rollouts.timeline(endpoint)));
      return;
    }
    assert.fail(`the condition was never met: ${[...outputs.parts.values()].join('\n').slice(-3000)}`);
  }
});

function specWithReceivers(url: string) {
  const webhook = { urlEnv: 'GATE_URL', secretEnv: 'GATE_SECRET', every: '1s' };
  return specOf(endpoint, {
    strategy: { canary: { steps: ['50%', '100%'], bake: '20s' } },
    gates: [
      { before: 'traffic', webhook },
      { before: 'promotion', webhook: { url: `${url}/inlined?token=${inlined}`, every: '1s' } },
    ],
    notify: [
      { webhook: { urlEnv: 'NOTICE_URL', secretEnv: 'NOTICE_SECRET' } },
      { slack: { urlEnv: 'SLACK_URL' } },
      { sns: 'arn:aws:sns:us-east-1:123456789012:rollouts' },
    ],
  });
}

/** Responds with errors, lost connections, and bodies that repeat secrets. */
const gone = answer(
  404,
  '<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>gone</Message></Error></ErrorResponse>',
  { 'content-type': 'text/xml' },
);

function receiveBadly(receiver: Receiver): void {
  const gate = [
    hangUp,
    answer(500, `broken: ${secrets.gateSecret}`),
    answer(401, { error: `who sends ${secrets.gateSecret} to /${secrets.gatePath}?` }),
    answer(302, '', { location: `https://elsewhere.example/${secrets.gatePath}` }),
    answer(200, { answer: 'not yet', reason: `${secrets.gateSecret} is too short` }),
    answer(200, { answer: 'yes', reason: `signed with ${secrets.gateSecret}` }),
  ];
  const wrongSignature =
    'The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this ' +
    `request should have been\n'POST\n/\n\nx-amz-security-token:${secrets.awsSessionToken}\n'`;
  let asked = 0;
  receiver.reply = (response, request) => {
    if (request.path.startsWith('/sns'))
      return answer(
        403,
        `<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>${wrongSignature}</Message></Error></ErrorResponse>`,
        { 'content-type': 'text/xml' },
      )(response, request);
    if (request.path.includes(secrets.gatePath)) return (gate[asked++] ?? gate.at(-1)!)(response, request);
    if (request.path.includes('inlined')) return answer(200, { answer: 'yes' })(response, request);
    return answer(request.path.includes('services') ? 404 : 500, `no: ${request.path}`)(response, request);
  };
}
