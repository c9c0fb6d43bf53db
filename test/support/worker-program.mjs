/** `penstock worker` with options that users cannot give: `worker-program.mjs MODULE OPTIONS`, options of runWorker as JSON. */
const [module, options] = process.argv.slice(2);
const { runWorker } = await import(module);
await runWorker({ pollSeconds: 1, ...JSON.parse(options), log: (line) => console.log(line) });
