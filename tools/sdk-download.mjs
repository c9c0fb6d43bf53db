/**
 * Downloads a server of the Temporal SDK into a folder and starts it once: `sdk-download.mjs dev|test FOLDER`.
 * It is a separate process, because only its end cancels a download that hangs.
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
