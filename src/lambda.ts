/**
 * Composition root of the switch as a Lambda function. The handler is `lambda.handler`. PENSTOCK_SWITCH_CONFIG names
 * the configuration file in the function's package. TEMPORAL_* variables configure Temporal.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { TemporalSplitSource } from './client/splits.js';
import { parseAs } from './plan/spec/parse-spec.js';
import { switchSchema, defaultConfig } from './switch/config-schema.js';
import { lambdaHandler, type LambdaHandler } from './switch/http/lambda.js';
import { openSwitch } from './switch/start-switch.js';

/** Under /tmp, the only directory that a Lambda function may write to. */
const state = '/tmp/penstock-switch';

/** Opened once per container. After a failure, the next request tries again. */
let opening: Promise<LambdaHandler> | null = null;

export const handler: LambdaHandler = async (event) => {
  opening ??= open();
  const handle = await opening.catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return handle(event);
};

async function open(): Promise<LambdaHandler> {
  const file = process.env['PENSTOCK_SWITCH_CONFIG'];
  const config =
    file === undefined ? defaultConfig : parseAs(switchSchema, readFileSync(file, 'utf8'), file).value;
  const core = await openSwitch({
    config: { ...config, state },
    folder: file === undefined ? '.' : dirname(file),
    source: TemporalSplitSource.open(),
    runtime: {},
    cloudwatch: new CloudWatchClient(),
    log: (level, line) => process.stderr.write(`${level.toUpperCase()} ${line}\n`),
  });
  return lambdaHandler(core);
}
