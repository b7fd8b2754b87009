// The table in SECURITY.md of what each service account may do, made from the manifests of the chart.
//   rights.mjs NAME=FILE...   prints it; each FILE has the rendered manifests, and NAME says with which values
import { readFileSync } from 'node:fs';
import yaml from 'js-yaml';

/** The namespace of the installation in the manifests. */
const NAMESPACE = 'ecr-anywhere';

/** The API groups of the resources in the table. The table names a group only if it is another one. */
const GROUPS = { mutatingwebhookconfigurations: 'admissionregistration.k8s.io' };

/** What Helm does while the objects of a hook exist. */
const HOOKS = {
  test: '`helm test`',
  'post-delete': '`helm uninstall`',
  'pre-install,pre-upgrade': '`helm install` and `helm upgrade`',
};

const renderings = process.argv.slice(2).map((argument) => {
  const [, name, file] = /^(.*)=([^=]*)$/.exec(argument);
  return { name, accounts: rowsByAccount(yaml.loadAll(readFileSync(file, 'utf8')).filter(Boolean)) };
});

// Of the first rendering, all accounts; of the others, those whose rows differ.
const [first, ...others] = renderings;
console.log('| service account | exists | where | rights |\n| --- | --- | --- | --- |');
for (const rows of Object.values(first.accounts)) console.log(rows.join('\n'));
for (const { name, accounts } of others) {
  console.log(`| **with ${name}** | | | |`);
  for (const [account, rows] of Object.entries(accounts))
    if (rows.join() !== first.accounts[account]?.join()) console.log(rows.join('\n'));
}

/** The rows of each account, one for each place. */
function rowsByAccount(objects) {
  const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount');
  const bindings = objects.filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding');
  for (const { kind, metadata, subjects } of bindings)
    for (const subject of subjects)
      if (!accounts.some((account) => isAccount(subject, account)))
        throw new Error(
          `The ${kind} ${metadata.name} gives rights to the ${subject.kind} ${subject.name}, which is no service account of the chart`,
        );
  const rows = accounts.map((account) => {
    const grants = bindings.filter(({ subjects }) => subjects.some((subject) => isAccount(subject, account)));
    const places = [...new Set(grants.map(placeOf))];
    const rights = places.map((place) => {
      const given = grants.filter((binding) => placeOf(binding) === place);
      return [
        place,
        given
          .flatMap((binding) => rightsOf(objects, binding))
          .sort()
          .join('; '),
      ];
    });
    if (rights.length === 0) rights.push(['', 'none']);
    const { name } = account.metadata;
    return [name, rights.map((texts) => `| ${[code(name), whenOf(account), ...texts].join(' | ')} |`).sort()];
  });
  return Object.fromEntries(rows.sort(([one], [other]) => one.localeCompare(other)));
}

function isAccount({ kind, name, namespace }, { metadata }) {
  return kind === 'ServiceAccount' && name === metadata.name && namespace === metadata.namespace;
}

function placeOf({ kind, metadata }) {
  if (kind === 'ClusterRoleBinding') return 'the whole cluster';
  return metadata.namespace === NAMESPACE ? 'its own namespace' : `the namespace ${code(metadata.namespace)}`;
}

function rightsOf(objects, { roleRef, metadata }) {
  const role = objects.find(
    (object) =>
      object.kind === roleRef.kind &&
      object.metadata.name === roleRef.name &&
      (object.kind === 'ClusterRole' || object.metadata.namespace === metadata.namespace),
  );
  // A role that is not in the chart, such as one of Kubernetes.
  if (role === undefined) return [`what the ${roleRef.kind} ${code(roleRef.name)} allows`];
  return role.rules.map(({ apiGroups, resources, resourceNames, verbs }) => {
    const names = resourceNames ? ` named ${resourceNames.map(code).join(', ')}` : '';
    const isExpected = resources.every((resource) => apiGroups.join() === (GROUPS[resource] ?? ''));
    const groups = isExpected
      ? ''
      : ` of the API groups ${apiGroups.map((group) => code(`"${group}"`)).join(', ')}`;
    return `${verbs.map(code).join(', ')} ${resources.join(', ')}${groups}${names}`;
  });
}

/** Objects of Helm's hooks exist only while the hooks run. */
function whenOf({ metadata }) {
  const hook = metadata.annotations?.['helm.sh/hook'];
  return hook === undefined ? 'always' : `during ${HOOKS[hook] ?? hook}`;
}

/** The namespace of `helm test` has a hash in its name. */
function code(text) {
  return `\`${text.replace(/-[0-9a-f]{8}$/, '-HASH')}\``;
}
