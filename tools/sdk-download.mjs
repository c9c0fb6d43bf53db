/**
 * Has the Temporal SDK download one of its servers into a folder and try it: `sdk-download.mjs dev|test FOLDER`.
 * A process of its own, because a download that hangs can be given up only by ending it.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [kind, downloadDir] = process.argv.slice(2);
const server = { executable: { type: 'cached-download', downloadDir } };
try {
  const environment =
    kind === 'dev'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
