import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Lock {
  packages: Record<string, { version?: string; resolved?: string; integrity?: string; link?: boolean }>;
}

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8')) as T;
}

describe('package versions', () => {
  it('package.json: dependencies -> exact versions', async () => {
    const { dependencies, devDependencies } = await readJson<Manifest>('package.json');
    const all = Object.entries({ ...dependencies, ...devDependencies });
    assert.ok(all.length > 0);
    assert.deepEqual(
      all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    );
  });

  it('package-lock.json: Temporal packages at every level -> one version', async () => {
    const { packages } = await readJson<Lock>('package-lock.json');
    const temporal = Object.entries(packages).filter(([name]) =>
      /node_modules\/@temporalio\/[^/]+$/.test(name),
    );
    assert.ok(temporal.length >= 7);
    assert.deepEqual([...new Set(temporal.map(([, { version }]) => version))], [temporal[0]?.[1].version]);
  });

  it('package-lock.json: packages -> locked by content hash, not by address', async () => {
    const { packages } = await readJson<Lock>('package-lock.json');
    const installed = Object.entries(packages).filter(([name]) => name !== '');
    assert.ok(installed.length > 0);
    assert.deepEqual(
      installed.filter(([, entry]) => entry.resolved !== undefined || entry.integrity === undefined),
      [],
    );
  });
});
