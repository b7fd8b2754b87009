import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS, type ObjectMeta } from './contract.ts';
import { combinedHash, configHash } from './config-hash.ts';
import {
  failedOutcome,
  judgeOwnFault,
  judgeRefresh,
  judgeUnserved,
  OTHER_SETTINGS,
  outcomeOf,
} from './outcome.ts';
import { addNamespaceFailure, addOutcome, allFresh, EMPTY_SUMMARY, summaryLine } from './summary.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const HOUR = 3_600_000;
const POLICY = { now: NOW, threshold: 6 * HOUR };

function secret(hours: number, updatedAt = 'before'): ObjectMeta {
  return {
    namespace: 'team',
    name: 'pull',
    annotations: {
      [ANNOTATIONS.expiresAt]: new Date(NOW + hours * HOUR).toISOString(),
      [ANNOTATIONS.updatedAt]: updatedAt,
    },
  };
}

describe('a refresh', () => {
  it('has happened if updated_at is new and the credentials outlive the threshold', () => {
    expect(judgeRefresh(secret(2), secret(12, 'after'), POLICY)).toEqual({
      namespace: 'team',
      name: 'pull',
      result: 'refreshed',
      due: 'expires-soon',
    });
  });

  it('has not happened if updated_at is the same: the webhook was not called', () => {
    const { result, message } = judgeRefresh(secret(2), secret(12), POLICY);
    expect(result).toBe('failed');
    expect(message).toContain('the webhook was not called');
    expect(message).toContain('MutatingWebhookConfiguration');
  });

  it('has not happened if there is no updated_at', () => {
    const bare = { namespace: 'team', name: 'pull' };
    expect(judgeRefresh(bare, bare, POLICY).result).toBe('failed');
  });

  it('has not happened if the credentials still end within the threshold', () => {
    expect(judgeRefresh(secret(2), secret(6, 'after'), POLICY).message).toContain('within the threshold');
  });

  it('has not happened if credentials for a region are missing, and says for which', () => {
    const metadata = secret(0, 'after');
    const after = {
      ...metadata,
      annotations: { ...metadata.annotations, [ANNOTATIONS.expiresAtEach]: 'default/us-east-1=missing' },
    };
    const warning =
      'ECR Anywhere has no token for default/us-east-1 (network); the Secret has no credentials for it';
    expect(judgeRefresh(secret(2), after, POLICY, ['of another webhook', warning])).toMatchObject({
      result: 'failed',
      message: `The Secret lacks credentials for default/us-east-1: ${warning}; the webhook's log has the cause`,
    });
    const other =
      'ECR Anywhere cannot renew its token for default/eu-west-1 (network); the old credentials stay';
    expect(judgeRefresh(secret(2), after, POLICY, [other, warning]).message).toContain(`1: ${warning}`);
    expect(judgeRefresh(secret(2), after, POLICY, [other]).message).not.toContain('cannot renew');
    expect(judgeRefresh(secret(2), after, POLICY).message).toBe(
      "The Secret lacks credentials for default/us-east-1; the webhook's log has the cause",
    );
  });

  it('has not happened if one of several credentials stays, whichever warning comes first, and names it', () => {
    const short =
      'AWS gives ECR Anywhere a short-lived token for default/a; these credentials are good until noon';
    const stay =
      'ECR Anywhere cannot renew its token for default/b (network); the old credentials stay, until noon';
    for (const warnings of [
      [short, stay],
      [stay, short],
    ]) {
      const outcome = judgeRefresh(secret(9), secret(9, 'after'), { ...POLICY, force: true }, warnings);
      expect(outcome).toMatchObject({ result: 'failed', message: expect.stringContaining(stay) });
    }
  });

  it.each([
    ['the one that stays', 9, 'failed'],
    ['the other one', 8, 'failed'],
    ['unknown, since one was missing', undefined, 'refreshed'],
  ])('has not happened if one of several credentials stays; the first to end was %s', (_, other, result) => {
    const withEnds = (metadata: ObjectMeta, first: number | undefined, second: number): ObjectMeta => {
      const end = (hours: number | undefined) =>
        hours === undefined ? 'missing' : new Date(NOW + hours * HOUR).toISOString();
      const text = `default/a=${end(first)}, default/b=${end(second)}`;
      return { ...metadata, annotations: { ...metadata.annotations, [ANNOTATIONS.expiresAtEach]: text } };
    };
    const stay =
      'ECR Anywhere cannot renew its token for default/b (network); the old credentials stay, until noon';
    const before = withEnds(secret(Math.min(other ?? 0, 8.5)), other, 8.5);
    const after = withEnds(secret(8.5, 'after'), 12, 8.5);
    expect(judgeRefresh(before, after, { ...POLICY, force: true }, [stay]).result).toBe(result);
  });

  describe('with a warning that the webhook cannot renew its token', () => {
    const STAY = 'ECR Anywhere cannot renew its token (network); the old credentials stay, until noon';
    const SHORT = 'AWS gives ECR Anywhere a short-lived token; the old credentials stay, until noon';
    const OLDER = 'ECR Anywhere cannot renew its token (network); these credentials are good until noon';
    const judged = (before: number, after: number, ...warnings: string[]) =>
      judgeRefresh(secret(before), secret(after, 'after'), { ...POLICY, force: true }, warnings);

    it.each([
      ['the old credentials stay', 9, STAY],
      ['the old credentials stay, since AWS gives short-lived tokens', 9, SHORT],
      ['the old credentials stay, and end soon', 2, STAY],
      ['the token is the one that the Secret held before', 9, OLDER],
    ])('has not happened if %s, and the warning is the reason', (_, hours, warning) => {
      expect(judged(hours, hours, 'another webhook’s', warning)).toMatchObject({
        result: 'failed',
        message: `The credentials were not renewed: ${warning}; the webhook's log has the cause`,
      });
    });

    it('has happened if the credentials end later than before, and the warning is passed on', () => {
      expect(judged(2, 8, OLDER)).toMatchObject({ result: 'refreshed', warning: OLDER });
      // Another client refreshed the Secret after the list.
      expect(judged(2, 8, STAY)).toMatchObject({ result: 'refreshed', warning: STAY });
      expect(
        judgeRefresh({ namespace: 'team', name: 'pull' }, secret(8, 'after'), POLICY, [OLDER]),
      ).toMatchObject({ result: 'refreshed', warning: OLDER });
    });

    it('has happened if the Secret got credentials for other settings, even if they expire at the same time', () => {
      const { annotations, ...rest } = secret(9, 'after');
      const after = { ...rest, annotations: { ...annotations, [ANNOTATIONS.configHash]: 'new' } };
      expect(judgeRefresh(secret(9), after, POLICY, [OLDER]).result).toBe('refreshed');
    });

    it('does not pass on the warnings of other webhooks', () => {
      expect(judged(9, 9, 'the old credentials stay')).toMatchObject({
        result: 'refreshed',
        warning: undefined,
      });
    });
  });

  it('has failed if the webhook runs under other settings: the Secret would be due forever', () => {
    const policy = { ...POLICY, expectedHash: () => 'ours' };
    const after = secret(12, 'after');
    const answered = (hash: string) => ({
      annotations: { ...after.annotations, [ANNOTATIONS.configHash]: hash },
    });
    expect(judgeRefresh(secret(2), answered('ours'), policy).result).toBe('refreshed');
    expect(judgeRefresh(secret(2), answered('theirs'), policy)).toMatchObject({
      result: 'failed',
      message: OTHER_SETTINGS,
    });
  });

  it('is compared with the settings for the stored Secret, because its user may have changed it after the list', () => {
    const expectedHash = ({ labels }: ObjectMeta) => labels?.['picks'];
    const after = secret(12, 'after');
    const stored = {
      ...after,
      labels: { picks: 'new' },
      annotations: { ...after.annotations, [ANNOTATIONS.configHash]: 'new' },
    };
    const listed = { ...secret(2), labels: { picks: 'old' } };
    expect(judgeRefresh(listed, stored, { ...POLICY, expectedHash }).result).toBe('refreshed');
  });

  it('that seems to have failed because of a clock difference is reported with both times', () => {
    const written = (difference: number): ObjectMeta => ({
      annotations: {
        [ANNOTATIONS.expiresAt]: new Date(NOW + difference + 12 * HOUR).toISOString(),
        [ANNOTATIONS.updatedAt]: new Date(NOW + difference).toISOString(),
      },
    });
    for (const difference of [2 * HOUR, -7 * HOUR]) {
      const { result, message } = judgeRefresh(secret(2), written(difference), POLICY);
      expect(result).toBe('failed');
      expect(message).toContain(`at ${new Date(NOW + difference).toISOString()} by AWS's clock`);
      expect(message).toContain(`clock it is ${new Date(NOW).toISOString()}`);
      expect(message).not.toContain('was not called');
    }
    // A clock difference does not matter if the credentials still outlive the threshold.
    expect(judgeRefresh(secret(2), written(-HOUR), POLICY).result).toBe('refreshed');
  });

  it('is reported without the content of annotations', () => {
    const hostile = { annotations: { [ANNOTATIONS.expiresAt]: 'canary', [ANNOTATIONS.updatedAt]: 'canary' } };
    expect(
      JSON.stringify([
        judgeRefresh(hostile, hostile, POLICY),
        judgeRefresh({}, hostile, POLICY),
        judgeUnserved(hostile, POLICY),
      ]),
    ).not.toContain('canary');
  });
});

describe('a managed Secret in a namespace that is not enabled', () => {
  it('is ignored if it was never filled', () => {
    expect(judgeUnserved({ name: 'x' }, POLICY).result).toBe('ignored');
  });

  it('is a failure once it is due, and the message says what to do', () => {
    expect(judgeUnserved(secret(9), POLICY).result).toBe('fresh');
    expect(judgeUnserved(secret(2), POLICY)).toMatchObject({
      result: 'failed',
      needsCorrection: 'namespace',
      message: expect.stringContaining('put the label back'),
    });
  });
});

describe('a managed Secret that the webhook refuses because of the Secret itself', () => {
  it('is a failure if it was once filled, since its credentials will end', () => {
    expect(judgeOwnFault(secret(2), 'expires-soon', 'immutable')).toMatchObject({
      result: 'failed',
      due: 'expires-soon',
      message: 'immutable',
      needsCorrection: 'secret',
    });
  });

  it('is no failure if it was never filled, and is reported with the reason', () => {
    const outcome = judgeOwnFault({ namespace: 'team', name: 'opaque' }, 'never-filled', 'another type');
    expect(outcome).toEqual({
      namespace: 'team',
      name: 'opaque',
      result: 'unfillable',
      message: 'another type',
    });
    const summary = addOutcome(EMPTY_SUMMARY, outcome);
    expect(summaryLine(summary)).toBe(
      'checked 1, due 0, refreshed 0, failed 0, cannot be filled 1; cannot be filled: team/opaque: another type',
    );
    expect(allFresh(summary)).toBe(true);
  });
});

describe('the summary of a run', () => {
  it('counts the outcomes, and keeps the first failure', () => {
    const outcomes = [
      outcomeOf(secret(9), 'fresh'),
      outcomeOf(secret(9), 'ignored'),
      outcomeOf(secret(9), 'gone'),
      { ...outcomeOf(secret(2), 'fresh'), result: 'refreshed' as const },
      failedOutcome(secret(2), 'expires-soon', 'first reason'),
      failedOutcome(secret(2), 'expires-soon', 'second reason'),
      outcomeOf(secret(2), 'skipped', 'expires-soon'),
    ];
    const summary = outcomes.reduce(addOutcome, EMPTY_SUMMARY);
    expect(summaryLine(summary)).toBe(
      'checked 6, due 4, refreshed 1, failed 2, not reached 1; first failure: team/pull: first reason',
    );
    expect(allFresh(summary)).toBe(false);
    expect(allFresh(EMPTY_SUMMARY)).toBe(true);
  });

  it('knows which credentials end first, of those that can be refreshed', () => {
    const ending = (name: string, hours: number) => ({
      ...outcomeOf({ namespace: 'team', name }, 'fresh'),
      expiresAt: NOW + hours * HOUR,
    });
    const refused = { ...judgeOwnFault(secret(2), 'expires-soon', 'immutable'), expiresAt: NOW };
    const summary = [ending('a', 9), refused, ending('b', 7), ending('c', 8)].reduce(
      addOutcome,
      EMPTY_SUMMARY,
    );
    expect(summary.firstToEnd).toMatchObject({ name: 'b' });
    const lostLabel = { ...judgeUnserved(secret(2), POLICY), expiresAt: NOW };
    expect(addOutcome(summary, lostLabel).firstToEnd).toEqual(summary.firstToEnd);
  });

  it('shows in its line which credentials end first', () => {
    const ending = (name: string, hours: number) => ({
      ...outcomeOf({ namespace: 'team', name }, 'fresh'),
      expiresAt: NOW + hours * HOUR,
    });
    const summary = [ending('a', 9), ending('b', 7), ending('c', 8)].reduce(addOutcome, EMPTY_SUMMARY);
    expect(summaryLine(summary)).toBe(
      'checked 3, due 0, refreshed 0, failed 0; first to end: team/b at 2026-01-02T10:04:05Z',
    );
  });

  it('counts a namespace that could not be read as a failure, and not as a Secret', () => {
    const summary = addNamespaceFailure(EMPTY_SUMMARY, 'gone', 'there is no such namespace');
    expect(summaryLine(summary)).toBe(
      'checked 0, due 0, refreshed 0, failed 0, namespaces not checked 1; ' +
        'first failure: namespace gone: there is no such namespace',
    );
    expect(allFresh(summary)).toBe(false);
  });

  it('does not grow with the number of Secrets', () => {
    let summary = EMPTY_SUMMARY;
    for (let index = 0; index < 10_000; index++)
      summary = addOutcome(summary, failedOutcome(secret(2), 'expired', `reason ${index}`));
    expect(JSON.stringify(summary).length).toBeLessThan(300);
  });
});

describe('the hash of settings', () => {
  const settings = { region: 'eu-west-1', roleArns: ['a', 'b'], hosts: ['x', 'y'] };

  it('depends on the order of roles, and not on the order of hosts', () => {
    expect(configHash({ ...settings, hosts: ['y', 'x', 'y'] })).toBe(configHash(settings));
    expect(configHash({ ...settings, roleArns: ['b', 'a'] })).not.toBe(configHash(settings));
  });

  it('of several settings depends on all of them, in any order; of one it is the same', () => {
    expect(combinedHash(['a', 'b', 'a'])).toBe(combinedHash(['b', 'a']));
    expect(combinedHash(['a', 'b'])).not.toBe(combinedHash(['a', 'c']));
    expect(combinedHash(['a', 'a'])).toBe('a');
  });

  it('stays the same from version to version', () => {
    // Another value here would make every Secret of every installation due after an upgrade.
    expect(configHash({ region: 'us-east-1', roleArns: [], hosts: [] })).toBe(
      'ebc740d60e01a68e3a6e9056fb7b01aa7249da6b9aed1aefb61ce4c3e3874af4',
    );
  });
});
