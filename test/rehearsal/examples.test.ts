/** The scenario files of the examples, against the specs that they name, and an example that needs no scenario. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { workflowBundle } from '../support/workflow-bundle.js';
import { workflowSandbox } from '../support/workflow-sandbox.js';
import { penstock } from '../cli/cli.js';

const folder = 'examples/rehearsals';
const specs: Record<string, string> = {
  'errors-after-three-days.yaml': 'examples/bandit.yaml',
  'outage-during-canary.yaml': 'examples/linear.yaml',
};

describe('examples of rehearsals', () => {
  it('scenario files -> each has a spec here', () => {
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(specs).sort());
  });

  for (const [file, spec] of Object.entries(specs))
    it(`${file}: its spec -> meets the expectations, exit code 0`, async () => {
      const { exitCode, stdout, stderr } = await penstock(
        ['rehearse', spec, '--scenario', `${folder}/${file}`],
        {
          loadWorkflowSandbox: async () => workflowSandbox(await workflowBundle()),
        },
      );
      assert.equal(exitCode, 0, `${stdout}${stderr}`);
      assert.match(stdout, /✔ expected outcome/);
    });

  it('llm-settings.yaml: rehearsed -> promoted', async () => {
    const { exitCode, stdout, stderr } = await penstock(['rehearse', 'examples/llm-settings.yaml'], {
      loadWorkflowSandbox: async () => workflowSandbox(await workflowBundle()),
    });
    assert.equal(exitCode, 0, `${stdout}${stderr}`);
    assert.match(stdout, /promoted: chat-\w+-b serves all traffic/);
  });
});
