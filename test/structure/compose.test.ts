import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { processContext } from '../../src/cli/support/context.js';
import { buildProgram } from '../../src/cli/program.js';
import { startEmulator } from '../../src/emulator/emulator.js';

interface Service {
  image?: string;
  build?: { target: string };
  command?: string[];
  ports?: string[];
  healthcheck?: unknown;
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  network_mode?: string;
  volumes?: string[];
}

interface Compose {
  services: Record<string, Service>;
}

const root = new URL('../../', import.meta.url);
const dockerfile = readFileSync(new URL('Dockerfile', root), 'utf8');

function readCompose(): Compose {
  return parse(readFileSync(new URL('docker-compose.yml', root), 'utf8')) as Compose;
}

/** The JSON Schema of the Compose specification, from the dclint package. It has its own formats, such as `ports`. */
function composeSchema(): object {
  const folder = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const text = readFileSync(join(folder, 'schemas/compose.schema.json'), 'utf8');
  const schema = JSON.parse(text) as object;
  // The schema is draft 7. Ajv does not know the address that it gives for the draft.
  return { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' };
}

describe('docker-compose.yml', () => {
  const compose = readCompose();
  const services = Object.entries(compose.services);
  const named = (name: string): Service => {
    const service = compose.services[name];
    assert.ok(service, `there is no service ${name}`);
    return service;
  };

  describe('Compose specification', () => {
    let isValid: ValidateFunction;
    before(() => {
      const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
      isValid = ajv.compile(composeSchema());
    });

    it('docker-compose.yml: validated against the Compose specification -> valid', () => {
      assert.ok(isValid(compose), JSON.stringify(isValid.errors, null, 2));
    });

    it('Compose schema: misspelt field, or unknown condition -> invalid', () => {
      const misspelt = readCompose();
      Object.assign(misspelt.services['worker'] ?? {}, { enviroment: {} });
      assert.equal(isValid(misspelt), false);
      const unknown = readCompose();
      Object.assign(unknown.services['worker']?.depends_on ?? {}, { emulator: { condition: 'ready' } });
      assert.equal(isValid(unknown), false);
    });
  });

  it('docker-compose.yml: published ports -> all on 127.0.0.1', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    assert.deepEqual(
      ports.filter((port) => !port.startsWith('127.0.0.1:')),
      [],
    );
    assert.equal(ports.length, 3);
  });

  it('docker-compose.yml: images of other projects -> all with a pinned version', () => {
    const foreign = services.flatMap(([, { build, image }]) => (build ? [] : [image ?? 'no image']));
    for (const image of foreign) assert.match(image, /^[\w/-]+:\d+(\.\d+)+$/);
    assert.ok(foreign.length > 0);
  });

  it('docker-compose.yml: depends_on -> healthy for running services, completed for one-off services', () => {
    for (const [name, { depends_on: needs = {} }] of services)
      for (const [needed, { condition }] of Object.entries(needs)) {
        const expected = named(needed).healthcheck ? 'service_healthy' : 'service_completed_successfully';
        assert.equal(condition, expected, `${name} waits for ${needed}`);
      }
  });

  it('docker-compose.yml: services that keep running -> all with a health check', () => {
    const completing = new Set(
      services.flatMap(([, { depends_on: needs = {} }]) =>
        Object.keys(needs).filter((name) => needs[name]?.condition === 'service_completed_successfully'),
      ),
    );
    const staying = services.filter(([name]) => !completing.has(name));
    assert.deepEqual(
      staying.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name),
      [],
    );
  });

  it('docker-compose.yml: database and its clients -> same password', () => {
    const passwords = services.flatMap(([, { environment = {} }]) =>
      ['POSTGRES_PASSWORD', 'SQL_PASSWORD', 'POSTGRES_PWD'].flatMap((name) => environment[name] ?? []),
    );
    assert.equal(passwords.length, 3);
    assert.equal(new Set(passwords).size, 1);
  });

  it('docker-compose.yml: commands of worker, switch and emulator -> accepted by penstock', async () => {
    for (const name of ['worker', 'switch', 'emulator']) {
      const [verb, ...options] = named(name).command ?? [];
      const command = buildProgram(processContext()).commands.find((known) => known.name() === verb);
      assert.ok(command, `penstock has no command ${verb}`);
      let isRun = false;
      command.action(() => void (isRun = true));
      await command.parseAsync(options, { from: 'user' });
      assert.ok(isRun);
    }
  });

  it('docker-compose.yml: emulator -> reachable only from worker and switch', () => {
    const [, , port] = named('emulator').command ?? [];
    const [, , , , switchPort] = named('switch').command ?? [];
    assert.notEqual(port, switchPort);
    assert.deepEqual(named('emulator').ports, [`127.0.0.1:${switchPort}:${switchPort}`]);
    const sharing = services.filter(([, service]) => service.network_mode === 'service:emulator');
    assert.deepEqual(
      sharing.map(([name]) => name),
      ['worker', 'switch'],
    );
  });

  it('docker-compose.yml: state of the switch -> in a volume that its user may write to', () => {
    const { command = [], volumes = [] } = named('switch');
    const directory = command[command.indexOf('--state') + 1];
    assert.deepEqual(volumes, [`switch-state:${directory}`]);
    assert.match(dockerfile, new RegExp(`install --directory --owner=node ${directory}$`, 'm'));
  });

  it("docker-compose.yml: AWS environment of worker and switch -> equals the emulator's output", async () => {
    const [, , port] = named('emulator').command ?? [];
    const emulator = await startEmulator();
    await emulator.stop();
    const expected = Object.entries(emulator.env).map(([name, value]) => [
      name,
      value.replace(emulator.url, `http://127.0.0.1:${port}`),
    ]);
    for (const name of ['worker', 'switch']) {
      const { environment = {} } = named(name);
      const aws = Object.entries(environment).filter(([name]) => name.startsWith('AWS_'));
      assert.deepEqual(Object.fromEntries(aws), Object.fromEntries(expected));
    }
  });
});

describe('Dockerfile', () => {
  const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
  const named = (name: string) => stages.find((stage) => new RegExp(`^FROM \\S+ AS ${name}\\n`).test(stage));

  it('Dockerfile: stages that docker-compose.yml builds -> exist, with a user other than root', () => {
    const targets = Object.values(readCompose().services).flatMap(({ build }) => build?.target ?? []);
    assert.ok(targets.length > 0);
    for (const target of targets) assert.match(named(target) ?? '', /^USER node$/m, `stage ${target}`);
  });

  it('Dockerfile: build without a target -> worker', () => {
    const last = stages.at(-1) ?? '';
    assert.match(last, /^FROM \S+ AS penstock\n/);
    assert.match(last, /^CMD \["worker"\]$/m);
  });

  it('Dockerfile: base image -> supported Node version with glibc', () => {
    const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      engines: { node: string };
    };
    const minimum = Number(/^>=(\d+)/.exec(manifest.engines.node)?.[1]);
    const [, major, system] = /^FROM node:(\d+)-(\S+) AS base$/m.exec(dockerfile) ?? [];
    assert.ok(Number(major) > minimum, `expected a version above Node ${minimum}, got ${major}`);
    assert.equal(system, 'bookworm-slim');
  });
});
