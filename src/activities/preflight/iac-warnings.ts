/** Tags that show that infrastructure code owns the endpoint. Its next deployment would put the old config back. */
import type { ResourceTags } from '../interface/tags.js';

/**
 * CloudFormation and the CDK set this tag on everything that they make:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
const stackTag = 'aws:cloudformation:stack-name';

/** Terraform sets no tag by itself. Owners mark what it makes, most often like this. */
const terraformTag = /terraform|opentofu/i;

/** `tags`: of the endpoint, all of them. */
export function iacWarnings(endpoint: string, tags: ResourceTags): string[] {
  const owner = ownerIn(tags);
  return owner === null
    ? []
    : [
        `endpoint ${endpoint} seems to belong to ${owner}, whose next deployment can put the old config back; see docs/infrastructure-as-code.md`,
      ];
}

function ownerIn(tags: ResourceTags): string | null {
  const stack = tags[stackTag];
  if (stack !== undefined) return `the CloudFormation stack ${stack}`;
  const isTerraform = Object.entries(tags).some(([key, value]) => terraformTag.test(`${key} ${value}`));
  return isTerraform ? 'Terraform' : null;
}
