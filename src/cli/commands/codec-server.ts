import type { Command } from 'commander';
import { ownValue } from '../../plan/units/own-value.js';
import type { Context } from '../support/context.js';
import { wholeNumberArgument, withExamples } from '../support/options.js';
import { printStatus } from '../support/output.js';
import { UsageError } from '../support/usage-error.js';

interface CodecServerFlags {
  port: number;
  host: string;
  origin: string[];
  hostName: string[];
  tokenEnv?: string;
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

export function addCodecServer(program: Command, context: Context): void {
  const command = program
    .command('codec-server')
    .description('decrypt payloads for your Temporal Web UI, until Ctrl-C or SIGTERM')
    .option('--port <number>', 'port; 0 picks a free one', wholeNumberArgument(0, 65_535), 8234)
    .option(
      '--host <address>',
      'address to listen on; requires --token-env unless it is a loopback address',
      '127.0.0.1',
    )
    .option('--origin <url...>', 'origins of the Web UI; pages of other origins are rejected', [
      'http://127.0.0.1:8233',
    ])
    .option('--host-name <name:port...>', 'accepted host names, in addition to the loopback names', [])
    .option(
      '--token-env <name>',
      'environment variable with a token that callers must send as a bearer token',
    )
    .action((flags: CodecServerFlags) => serve(context, flags));
  withExamples(command, [
    'penstock codec-server',
    'penstock codec-server --port 8234 --origin http://127.0.0.1:8233',
    'penstock codec-server --origin https://temporal.example --token-env CODEC_TOKEN',
  ]);
}

async function serve(
  context: Context,
  { port, host, origin, hostName, tokenEnv }: CodecServerFlags,
): Promise<void> {
  const token = tokenIn(context, tokenEnv);
  if (token === null && !loopback.has(host))
    throw new UsageError(
      `Cannot listen on ${host}: other machines could decrypt payloads; pass --token-env.`,
    );
  const running = await context.startCodecServer({
    ...{ port, host, token, env: context.env, origins: origin.map(originOf), hostNames: hostName },
    log: (line) => printStatus(context, line),
  });
  printStatus(
    context,
    `codec server on ${running.url} for ${origin.join(', ')}; set this URL as the codec endpoint of the Web UI`,
  );
  await context.waitForInterrupt();
  await running.stop();
}

function tokenIn({ env }: Context, name: string | undefined): string | null {
  if (name === undefined) return null;
  const token = ownValue(env, name) ?? '';
  if (token.length < 16)
    throw new UsageError(`--token-env: expected a token of at least 16 characters in ${name}.`);
  return token;
}

/** In the form that browsers send: without a path. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError('--origin: expected an origin such as http://127.0.0.1:8233.');
  return url.origin;
}
