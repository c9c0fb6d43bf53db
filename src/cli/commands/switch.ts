import { dirname } from 'node:path';
import type { Command } from 'commander';
import { parseAs } from '../../plan/spec/parse-spec.js';
import { switchSchema, defaultConfig, type SwitchConfig } from '../../switch/config-schema.js';
import type { Context } from '../support/context.js';
import {
  connectionOf,
  wholeNumberArgument,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { printJson, printStatus } from '../support/output.js';
import { readTextFile } from '../support/text-file.js';

const maxPort = 65_535;

type SwitchFlags = ConnectionFlags &
  JsonFlag & { config?: string; host?: string; port?: number; state?: string };

export function addSwitch(program: Command, context: Context): void {
  const command = program
    .command('switch')
    .description(
      'run a proxy in front of SageMaker Runtime that keeps each user on one model, until Ctrl-C or SIGTERM',
    )
    .option('--config <file>', 'user identity, cohorts, records and limits, as YAML (docs/switch.md)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port; 0 picks a free one (default: 4700)', wholeNumberArgument(0, maxPort))
    .option('--state <directory>', 'directory for the last known splits (default: penstock-switch-state)')
    .action(async (flags: SwitchFlags) => {
      const running = await context.startSwitch({
        ...connectionOf(flags),
        config: configOf(flags),
        folder: flags.config === undefined ? '.' : dirname(flags.config),
        log: (_level, line) => printStatus(context, line),
      });
      if (flags.json) printJson(context, { url: running.url });
      printStatus(
        context,
        `Switch at ${running.url}; set this as the SageMaker Runtime endpoint URL of your clients.`,
      );
      await context.waitForInterrupt();
      printStatus(context, 'Switch: finishing requests in progress.');
      await running.stop();
    });
  withConnectionFlags(command);
  withJsonFlag(command);
  withExamples(command, [
    'penstock switch',
    'penstock switch --config switch.yaml --port 4700',
    'AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=http://127.0.0.1:4700 python client.py   # in another shell',
  ]);
}

/** The configuration file; flags override it. */
function configOf({ config: file, host, port, state }: SwitchFlags): SwitchConfig {
  const config = file === undefined ? defaultConfig : parseAs(switchSchema, readTextFile(file), file).value;
  const listen = {
    host: host ?? config.listen.host,
    port: port ?? config.listen.port,
  };
  return { ...config, listen, state: state ?? config.state };
}
