/**
 * Import rules (docs/architecture.md, "Layout"). Type imports are free: the compiler removes them.
 *
 * Each folder has a closed list of allowed imports. Every folder has such a list, so a forbidden module cannot be reached
 * through another folder either. The exception is a folder that may use less than its neighbour: `reaches` limits all
 * direct and indirect imports.
 */
const { builtinModules } = require('node:module');
const path = require('node:path');

const core = `^(node:)?(${builtinModules.join('|')})$`;
const packages = (...names) => `node_modules/(${names.join('|')})/`;
const aws = packages('@aws-sdk/[^/]+');
const temporal = (...names) => packages(...names.map((name) => `@temporalio/${name}`));

const buildScripts = '^src/(workflows/bundle/|plan/spec/write-schema\\.ts$)';
const compositionRoots = '^src/(cli/|(worker|switch|lambda|approvals)\\.ts$)';
const specFiles = '^src/plan/(spec/|waves/waves-(schema|fields)\\.ts$)';
const messages = '^src/workflows/(waves/)?messages\\.ts$';
const splits = '^src/plan/split/split\\.ts$';
const variantRoles = '^src/plan/compiled/(names|role-of-variant)\\.ts$';
// Hides the values of environment variables. Imports nothing.
const awsMembers = '^src/plan/compiled/aws-members\\.ts$';
// Tells failures that end a rollout from reported ones, for workflows and the analysis. Imports nothing.
const reactions = '^src/plan/compiled/on-fail\\.ts$';
// The modules that a client needs to sign.
const identity = ['^src/identity/', packages('jose'), '^(node:)?(crypto|fs)$'];
const codec = ['^src/codec/', packages('@temporalio/proto', '@aws-sdk/client-kms'), '^(node:)?crypto$'];

const switchImports = [
  '^src/switch/',
  '^src/plan/(split/(bucketing|switch-metrics)|units/durations)\\.ts$',
  packages('@aws-sdk/client-(sagemaker-runtime|cloudwatch)', 'undici', 'prom-client', 'zod'),
  core,
];

const table = [
  {
    name: 'plan',
    from: '^src/plan/',
    imports: [
      '^src/plan/',
      packages('zod', 'yaml', 'fastest-levenshtein', 'luxon', 'cron-parser'),
      '^(node:)?crypto$',
    ],
  },
  {
    name: 'analysis',
    from: '^src/analysis/',
    imports: ['^src/analysis/', reactions, packages('@stdlib/[^/]+')],
  },
  {
    name: 'workflows',
    from: '^src/workflows/',
    imports: ['^src/workflows/', '^src/plan/', temporal('workflow', 'common')],
    // The bundle runs in a sandbox: no schema library and no Node built-in, not even through plan.
    reaches: ['^src/workflows/', '^src/plan/', temporal('workflow', 'common')],
  },
  {
    name: 'activities',
    from: '^src/activities/',
    imports: [
      '^src/(activities|plan|analysis|identity)/',
      aws,
      temporal('activity', 'common'),
      packages('dataloader', 'luxon', 'cron-parser'),
      core,
    ],
  },
  {
    name: 'client',
    from: '^src/client(/|\\.ts$)',
    imports: [
      '^src/client(/|\\.ts$)',
      '^src/(codec|identity)/',
      messages,
      splits,
      variantRoles,
      awsMembers,
      temporal('client', 'common', 'envconfig'),
      '^events$',
    ],
    reaches: [
      '^src/client(/|\\.ts$)',
      ...codec,
      ...identity,
      messages,
      splits,
      variantRoles,
      awsMembers,
      temporal('client', 'common', 'envconfig', 'workflow'),
      '^events$',
    ],
  },
  { name: 'identity', from: '^src/identity/', imports: identity },
  { name: 'codec', from: '^src/codec/', imports: [...codec, temporal('common'), core] },
  {
    name: 'switch',
    from: '^src/switch/',
    imports: switchImports,
    // Request handling must not depend on Temporal or on the spec.
    reaches: switchImports,
  },
  {
    name: 'emulator',
    from: '^src/emulator/',
    imports: [
      '^src/(emulator|processes)/',
      packages('zod', 'get-port', 'cborg', 'luxon', 'cron-parser'),
      core,
    ],
  },
  {
    name: 'servers',
    from: '^src/servers/',
    imports: [
      '^src/(servers|processes)/',
      messages,
      temporal('client', 'common', 'envconfig', 'testing'),
      packages('env-paths', 'get-port', 'log-update', 'proper-lockfile', 'which'),
      core,
    ],
  },
  {
    name: 'simulation',
    from: '^src/simulation/',
    imports: [
      '^src/simulation/',
      '^src/activities/(create-activities|monitoring/comparisons|temporal/auto-heartbeat)\\.ts$',
      '^src/client/start-options\\.ts$',
      '^src/emulator/in-process\\.ts$',
      temporal('common', 'client', 'proto', 'testing', 'worker'),
      packages(
        '@aws-sdk/client-(sagemaker|sagemaker-runtime|cloudwatch|application-auto-scaling|service-quotas|iam|sts|sns)',
      ),
      core,
    ],
  },
  {
    name: 'rehearsal',
    from: '^src/rehearsal/',
    imports: [
      '^src/(rehearsal|simulation|plan)/',
      '^src/activities/(gates/calendar-rules|metrics/metric-loader)\\.ts$',
      '^src/identity/',
      messages,
      packages('@aws-sdk/client-(sagemaker|cloudwatch)', 'zod', 'luxon'),
      core,
    ],
  },
  { name: 'processes', from: '^src/processes/', imports: ['^src/processes/', core] },
  {
    name: 'backtest',
    from: '^src/backtest/',
    imports: [
      '^src/(backtest|plan|analysis)/',
      '^src/activities/(endpoint/arms|monitoring/(choose-split|comparisons?|judge-poll|judge-windows|poll-traffic|value-statistics)|metrics/(metric-reader|placeholders)|temporal/polling)\\.ts$',
      '^src/simulation/(clock|temporal/(payloads|sdk|simulated-temporal))\\.ts$',
      '^src/workflows/(deployment/deployments|run/timings)\\.ts$',
      messages,
      temporal('activity', 'common'),
      packages('zod'),
      core,
    ],
    // Recorded data needs no AWS. The live code that decides verdicts does not reach it.
    reaches: [
      '^src/(backtest|plan|analysis|activities|workflows|simulation)/',
      temporal('activity', 'client', 'common', 'proto', 'testing', 'worker', 'workflow'),
      packages('zod', '@stdlib/[^/]+'),
      core,
    ],
  },
  { name: 'report', from: '^src/report/', imports: ['^src/report/'] },
];

const tableRules = table.flatMap(({ name, from, imports, reaches }) => {
  const files = { path: from, pathNot: buildScripts };
  const rule = (kind, to) => ({ name: `${name}-${kind}`, severity: 'error', from: files, to });
  return [
    rule('imports', { pathNot: imports }),
    ...(reaches === undefined ? [] : [rule('reaches', { pathNot: reaches, reachable: true })]),
  ];
});

module.exports = {
  forbidden: [
    ...tableRules,
    {
      name: 'simulation-is-not-production',
      comment:
        'It reaches into the SDK. Rehearsals, backtests and tests load it; workers and clients never do.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(simulation|rehearsal|backtest|cli/support/context\\.ts$)' },
      to: { path: '^src/simulation/' },
    },
    {
      name: 'schema-only-in-spec-files',
      comment: 'The compiled plan must not depend on the schema.',
      severity: 'error',
      from: { path: '^src/plan/', pathNot: [specFiles, buildScripts] },
      to: { path: packages('zod', 'yaml', 'luxon', 'cron-parser') },
    },
    {
      name: 'in-the-table',
      comment: 'A new folder needs a row in the table.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...table.map(({ from }) => from), compositionRoots] },
      to: {},
    },
    {
      name: 'no-import-of-build-scripts',
      severity: 'error',
      from: { pathNot: buildScripts },
      to: { path: buildScripts },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-development-packages', severity: 'error', from: {}, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: path.join(__dirname, 'tsconfig.json') },
    tsPreCompilationDeps: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
