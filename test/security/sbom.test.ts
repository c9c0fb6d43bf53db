import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Locked {
  version: string;
  dev?: boolean;
}

interface Bom {
  bomFormat: string;
  components: { purl: string; name: string; version: string; properties?: { name: string }[] }[];
}

/** `name@version` of the packages in the lockfile that `which` selects. */
function locked(which: (entry: Locked) => boolean): Set<string> {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found = Object.entries(packages).filter(([path, entry]) => path !== '' && which(entry));
  return new Set(found.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`));
}

describe('bill of materials', () => {
  let text: string;
  let bom: Bom;
  before(async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
      cwd: root,
      maxBuffer: 50_000_000,
    });
    text = stdout;
    bom = JSON.parse(stdout) as Bom;
  });

  it('bill of materials: packages -> exactly those of the lockfile', () => {
    assert.equal(bom.bomFormat, 'CycloneDX');
    const named = new Set(bom.components.map(({ name, version }) => `${name}@${version}`));
    assert.deepEqual([...named].sort(), [...locked(() => true)].sort());
  });

  it('bill of materials: production packages -> not marked as development', () => {
    const marked = bom.components
      .filter(({ properties }) => properties?.some(({ name }) => name === 'cdx:npm:package:development'))
      .map(({ name, version }) => `${name}@${version}`);
    const [production, development] = [locked(({ dev }) => dev !== true), locked(({ dev }) => dev === true)];
    assert.ok(production.size > 100 && marked.some((each) => each.startsWith('mocha@')));
    // A package that occurs twice in the same version is listed once.
    assert.deepEqual(
      marked.filter((each) => production.has(each) && !development.has(each)),
      [],
    );
  });

  it('bill of materials: package URLs -> nothing of the local machine', () => {
    for (const { purl } of bom.components) assert.match(purl, /^pkg:npm\//);
    for (const part of [root, homedir(), hostname(), 'file:', 'resolved'])
      if (part.length > 3) assert.ok(!text.includes(part), part);
  });
});
