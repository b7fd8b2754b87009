import { matchConditionProblem } from '../admission/match-conditions.ts';
import { webhooksOf, type MutatingWebhook, type WebhookClientConfig } from '../admission/mutating-webhook.ts';
import { invalidValue, notSupported, required, type FieldError } from './field-error.ts';
import { METADATA } from './metadata.ts';
import { subdomainProblems } from './names.ts';
import type { Resource } from './resource.ts';
import { anything, list, struct } from './schema.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const URL_FORM = '; desired format: https://host[/path]';

/** Which webhooks are called for what. */
export const WEBHOOK_CONFIGURATIONS: Resource = {
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  group: 'admissionregistration.k8s.io',
  apiVersion: 'admissionregistration.k8s.io/v1',
  namespaced: false,
  shape: struct('v1.MutatingWebhookConfiguration', {
    metadata: METADATA,
    webhooks: list(anything(), '[]v1.MutatingWebhook'),
  }),
  nameProblems: subdomainProblems,
  complete: (configuration) => ({
    metadata: { ...configuration.metadata, generation: 1 },
    webhooks: webhooksOf(configuration).map(withDefaults),
  }),
  keep: (configuration, old) => {
    const isSame = JSON.stringify(configuration['webhooks']) === JSON.stringify(old['webhooks']);
    const generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
    return { ...configuration, metadata: { ...configuration.metadata, generation } };
  },
  errors: (configuration) =>
    webhooksOf(configuration).flatMap((webhook, index) => webhookErrors(webhook, `webhooks[${index}]`)),
  updateErrors: () => [],
  fields: ({ metadata }) => ({ 'metadata.name': metadata.name ?? '' }),
};

function withDefaults({
  name,
  clientConfig,
  rules,
  failurePolicy = 'Fail',
  namespaceSelector = {},
  objectSelector = {},
  sideEffects,
  timeoutSeconds = 10,
  admissionReviewVersions,
  ...rest
}: MutatingWebhook): MutatingWebhook & { matchPolicy: string; reinvocationPolicy: string } {
  const { service } = clientConfig ?? {};
  return {
    name,
    clientConfig: { ...clientConfig, ...(service && { service: { ...service, port: service.port ?? 443 } }) },
    ...(rules && { rules: rules.map((rule) => ({ ...rule, scope: rule.scope ?? '*' })) }),
    failurePolicy,
    matchPolicy: 'Equivalent',
    namespaceSelector,
    objectSelector,
    ...(sideEffects !== undefined && { sideEffects }),
    timeoutSeconds,
    ...(admissionReviewVersions && { admissionReviewVersions }),
    reinvocationPolicy: 'Never',
    ...rest,
  };
}

function webhookErrors(webhook: MutatingWebhook, at: string): FieldError[] {
  const { name, failurePolicy, sideEffects, timeoutSeconds, clientConfig, matchConditions = [] } = webhook;
  return [
    ...nameErrors(name, `${at}.name`),
    ...ruleErrors(webhook, `${at}.rules`),
    ...oneOf(`${at}.failurePolicy`, failurePolicy, ['Fail', 'Ignore']),
    ...(sideEffects === undefined
      ? [required(`${at}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
      : oneOf(`${at}.sideEffects`, sideEffects, SIDE_EFFECTS)),
    ...(timeoutSeconds >= 1 && timeoutSeconds <= 30
      ? []
      : [
          invalidValue(
            `${at}.timeoutSeconds`,
            timeoutSeconds,
            'the timeout value must be between 1 and 30 seconds',
          ),
        ]),
    ...clientErrors(clientConfig, `${at}.clientConfig`),
    ...matchConditions.flatMap(({ expression }, index) => {
      const problem = matchConditionProblem(expression);
      const field = `${at}.matchConditions[${index}].expression`;
      return problem === undefined ? [] : [invalidValue(field, expression, problem)];
    }),
    ...versionErrors(webhook, `${at}.admissionReviewVersions`),
  ];
}

function nameErrors(name: string, field: string): FieldError[] {
  if (!name) return [required(field)];
  const problems = subdomainProblems(name);
  if (problems.length === 0 && name.split('.').length < 3)
    problems.push('should be a domain with at least three segments separated by dots');
  return problems.map((problem) => invalidValue(field, name, problem));
}

function ruleErrors({ rules = [] }: MutatingWebhook, at: string): FieldError[] {
  return rules.flatMap(({ operations = [], apiGroups = [], apiVersions = [], resources = [] }, index) => {
    const lists = Object.entries({ operations, apiGroups, apiVersions, resources });
    return [
      ...lists
        .filter(([, values]) => values.length === 0)
        .map(([name]) => required(`${at}[${index}].${name}`)),
      ...operations.flatMap((operation, place) =>
        oneOf(`${at}[${index}].operations[${place}]`, operation, OPERATIONS),
      ),
    ];
  });
}

function clientErrors({ url, service }: WebhookClientConfig, field: string): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [required(field, 'exactly one of url or service is required')];
  if (url === undefined) return [];
  if (!URL.canParse(url)) return [required(`${field}.url`, `url must be a valid URL${URL_FORM}`)];
  const { protocol, search, hash, username } = new URL(url);
  const refuse = (value: string, why: string) => invalidValue(`${field}.url`, value, why);
  return [
    ...(protocol === 'https:'
      ? []
      : [refuse(protocol.slice(0, -1), `'https' is the only allowed URL scheme${URL_FORM}`)]),
    ...(username === '' ? [] : [refuse(username, 'user information is not permitted in the URL')]),
    ...(hash === '' ? [] : [refuse(hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(search === '' ? [] : [refuse(search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function versionErrors(
  { admissionReviewVersions: versions = [] }: MutatingWebhook,
  at: string,
): FieldError[] {
  const known = REVIEW_VERSIONS.join(', ');
  if (versions.length === 0) return [required(at, `must specify one of ${known}`)];
  return versions.some((version) => REVIEW_VERSIONS.includes(version))
    ? []
    : [invalidValue(at, versions, `must include at least one of ${known}`)];
}

function oneOf(field: string, value: string, supported: readonly string[]): FieldError[] {
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}
