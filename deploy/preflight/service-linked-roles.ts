import type { Check } from './finding.ts';

export type ServiceLinkedRolesPort = { hasRole(name: string): Promise<boolean> };

/** The roles that services act by, with the service that each belongs to. An account has each of them once. */
const roles = [
  { role: 'AWSServiceRoleForBatch', service: 'batch.amazonaws.com' },
  { role: 'AWSServiceRoleForECS', service: 'ecs.amazonaws.com' },
  { role: 'AWSServiceRoleForEC2Spot', service: 'spot.amazonaws.com' },
  { role: 'AWSServiceRoleForAutoScaling', service: 'autoscaling.amazonaws.com' },
];

/** Without these roles Batch makes an environment that is INVALID, or one that never starts a machine. */
export const checkServiceLinkedRoles = (port: ServiceLinkedRolesPort): Check => ({
  name: 'service roles',
  async look() {
    const present = await Promise.all(roles.map(({ role }) => port.hasRole(role)));
    const missing = roles.filter((_, index) => !present[index]);
    if (missing.length === 0) return [{ status: 'ok', found: roles.map(({ role }) => role).join(', ') }];
    return [
      {
        status: 'adjusted',
        found: `the account has no ${missing.map(({ role }) => role).join(', ')}: deploy makes them`,
        wayOut: missing
          .map(({ service }) => `aws iam create-service-linked-role --aws-service-name ${service}`)
          .join('; '),
        adjustments: missing.map((entry) => ({ kind: 'serviceLinkedRole', ...entry })),
      },
    ];
  },
});
