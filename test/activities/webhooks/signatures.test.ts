import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { post } from '../../../src/activities/webhooks/signed-post.js';
import { answer, Receiver } from './receiver.js';

const docs = new URL('../../../docs/gates-and-notifications.md', import.meta.url);
const secret = 'a-well-kept-secret';

type Verify = (secret: string, signature: string, body: string) => boolean;

function signAt(seconds: number, body: string): string {
  const t = Math.floor(seconds);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

async function exampleIn(language: string): Promise<string> {
  const [, code] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(await readFile(docs, 'utf8')) ?? [];
  assert.ok(code, `no example in ${language}`);
  return code;
}

describe('documented signature verification', () => {
  let folder: string;
  let sent: { signature: string; body: string };
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const receiver = await Receiver.open();
    receiver.reply = answer(200);
    const to = { address: { url: receiver.url }, secretEnv: 'SECRET' };
    const body = JSON.stringify({ endpoint: 'digits', message: 'Fehlerquote 2 % ≥ 1 %' });
    await new MockActivityEnvironment().run(() => post(to, { id: '1', body }, { SECRET: secret }));
    const [request] = receiver.received;
    assert.ok(request);
    sent = { signature: String(request.headers['x-penstock-signature']), body: request.body };
    await receiver.close();
  });
  after(() => rm(folder, { recursive: true }));

  async function inPython(): Promise<Verify> {
    const file = path.join(folder, 'example.py');
    const call = 'import sys\nprint(is_genuine(sys.argv[1], sys.argv[2], sys.stdin.buffer.read()))\n';
    await writeFile(file, `${await exampleIn('python')}\n${call}`);
    return (...[key, signature, body]) => {
      const printed = execFileSync('python3', [file, key, signature], { input: body, encoding: 'utf8' });
      return printed.trim() === 'True';
    };
  }

  async function inNode(): Promise<Verify> {
    const file = path.join(folder, 'example.mjs');
    await writeFile(file, await exampleIn('js'));
    const example = (await import(pathToFileURL(file).href)) as {
      isGenuine: (secret: string, signature: string, body: Buffer) => boolean;
    };
    return (key, signature, body) => example.isGenuine(key, signature, Buffer.from(body));
  }

  const examples: [string, () => Promise<Verify>][] = [
    ['Python', inPython],
    ['Node', inNode],
  ];
  for (const [language, load] of examples)
    it(`documented signature verification: ${language} example -> accepts only the original request`, async () => {
      const verify = await load();
      const { signature, body } = sent;
      assert.equal(verify(secret, signature, body), true);
      assert.equal(verify('another-secret', signature, body), false);
      assert.equal(verify(secret, signature, `${body} `), false);
      assert.equal(verify(secret, '', body), false);
      const later = signature.replace(/t=(\d+)/, (_, seconds) => `t=${Number(seconds) + 1}`);
      assert.equal(verify(secret, later, body), false);
      assert.equal(verify(secret, signAt(Date.now() / 1000 - 600, body), body), false);
    });
});
