import { isEnabledNamespace, LABELS } from '@ecr-anywhere/secret-scan';
import { list } from '@ecr-anywhere/settings';
import * as z from 'zod';

const LABEL_VALUE = /^(?:[a-z0-9](?:[a-z0-9_.-]{0,61}[a-z0-9])?)?$/i;
const LABEL_KEY =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** Labels that namespaces must have, as in `kubectl get --selector`: `team=a,env=prod`. */
export function namespaceLabels() {
  return list().transform((words, context) => {
    const labels: Record<string, string> = {};
    const refuse = (mistake: string) => {
      context.addIssue(mistake);
      return z.NEVER;
    };
    for (const word of words) {
      const [key = '', value, ...rest] = word.split('=');
      if (!LABEL_KEY.test(key) || value === undefined || !LABEL_VALUE.test(value) || rest.length > 0)
        return refuse('expected labels, separated by commas, such as team=a,env=prod');
      if (Object.hasOwn(labels, key) && labels[key] !== value)
        return refuse(`expected one value for the label ${key}`);
      labels[key] = value;
    }
    if (LABELS.namespace in labels && !isEnabledNamespace({ labels }))
      return refuse(`expected no value other than enabled for the label ${LABELS.namespace}`);
    return labels;
  });
}
