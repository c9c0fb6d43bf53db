/** Paths of the workflow code, from source or from the build, for the bundler and for workers. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const pathOf = (name: string) =>
  fileURLToPath(new URL(`../${name}${extname(import.meta.url)}`, import.meta.url));

export const bundleParts = {
  workflowsPath: pathOf('index'),
  payloadConverterPath: pathOf('temporal/payload-converter'),
  workflowInterceptorModules: [pathOf('temporal/early-query-interceptor')],
};

/** In addition, for workers that encrypt payloads. */
export const encryptingParts = { failureConverterPath: pathOf('temporal/failure-converter') };
