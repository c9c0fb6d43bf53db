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

/** The Compose specification's own JSON Schema, as dclint ships it. Formats such as `ports` are Compose's own. */
function composeSchema(): object {
  const folder = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const text = readFileSync(join(folder, 'schemas/compose.schema.json'), 'utf8');
  const schema = JSON.parse(text) as object;
  // Draft 7, by an address that Ajv does not know.
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

  describe('under the Compose specification', () => {
    let isValid: ValidateFunction;
    before(() => {
      const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
      isValid = ajv.compile(composeSchema());
    });

    it('is valid', () => {
      assert.ok(isValid(compose), JSON.stringify(isValid.errors, null, 2));
    });

    it('would not be valid with a misspelt field or an unknown condition', () => {
      const misspelt = readCompose();
      Object.assign(misspelt.services['worker'] ?? {}, { enviroment: {} });
      assert.equal(isValid(misspelt), false);
      const unknown = readCompose();
      Object.assign(unknown.services['worker']?.depends_on ?? {}, { emulator: { condition: 'ready' } });
      assert.equal(isValid(unknown), false);
    });
  });

  it('publishes every port on 127.0.0.1 only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    assert.deepEqual(
      ports.filter((port) => !port.startsWith('127.0.0.1:')),
      [],
    );
    assert.equal(ports.length, 3);
  });

  it('pins the version of every image that is not built here', () => {
    const foreign = services.flatMap(([, { build, image }]) => (build ? [] : [image ?? 'no image']));
    for (const image of foreign) assert.match(image, /^[\w/-]+:\d+(\.\d+)+$/);
    assert.ok(foreign.length > 0);
  });

  it('waits for services that are there: healthy where they stay, completed where they end', () => {
    for (const [name, { depends_on: needs = {} }] of services)
      for (const [needed, { condition }] of Object.entries(needs)) {
        const wanted = named(needed).healthcheck ? 'service_healthy' : 'service_completed_successfully';
        assert.equal(condition, wanted, `${name} waits for ${needed}`);
      }
  });

  it('checks the health of every service that nobody waits for to complete', () => {
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

  it('gives one password to the database and to those who use it', () => {
    const passwords = services.flatMap(([, { environment = {} }]) =>
      ['POSTGRES_PASSWORD', 'SQL_PASSWORD', 'POSTGRES_PWD'].flatMap((name) => environment[name] ?? []),
    );
    assert.equal(passwords.length, 3);
    assert.equal(new Set(passwords).size, 1);
  });

  it('runs worker, switch and emulator by commands that penstock has', async () => {
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

  it('lets nobody but the worker and the switch reach the emulator', () => {
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

  it('keeps the switch’s state in a volume that the image lets it write to', () => {
    const { command = [], volumes = [] } = named('switch');
    const directory = command[command.indexOf('--state') + 1];
    assert.deepEqual(volumes, [`switch-state:${directory}`]);
    assert.match(dockerfile, new RegExp(`install --directory --owner=node ${directory}$`, 'm'));
  });

  it('tells worker and switch what the emulator would tell them', async () => {
    const [, , port] = named('emulator').command ?? [];
    const emulator = await startEmulator();
    await emulator.stop();
    const told = Object.entries(emulator.env).map(([name, value]) => [
      name,
      value.replace(emulator.url, `http://127.0.0.1:${port}`),
    ]);
    for (const name of ['worker', 'switch']) {
      const { environment = {} } = named(name);
      const aws = Object.entries(environment).filter(([name]) => name.startsWith('AWS_'));
      assert.deepEqual(Object.fromEntries(aws), Object.fromEntries(told));
    }
  });
});

describe('Dockerfile', () => {
  const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
  const named = (name: string) => stages.find((stage) => new RegExp(`^FROM \\S+ AS ${name}\\n`).test(stage));

  it('has the stages that docker-compose.yml builds, each with a user that is not root', () => {
    const targets = Object.values(readCompose().services).flatMap(({ build }) => build?.target ?? []);
    assert.ok(targets.length > 0);
    for (const target of targets) assert.match(named(target) ?? '', /^USER node$/m, `stage ${target}`);
  });

  it('ends with the worker, which is what a build without a target makes', () => {
    const last = stages.at(-1) ?? '';
    assert.match(last, /^FROM \S+ AS penstock\n/);
    assert.match(last, /^CMD \["worker"\]$/m);
  });

  it('is based on a Node that the package accepts, with glibc', () => {
    const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      engines: { node: string };
    };
    const least = Number(/^>=(\d+)/.exec(manifest.engines.node)?.[1]);
    const [, major, system] = /^FROM node:(\d+)-(\S+) AS base$/m.exec(dockerfile) ?? [];
    assert.ok(Number(major) > least, `Node ${major} is newer than ${least}`);
    assert.equal(system, 'bookworm-slim');
  });
});
