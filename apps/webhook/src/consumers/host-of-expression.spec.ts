import { describe, expect, it } from '@jest/globals';
import { hostOfExpression } from './host-of-expression.ts';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const HOST = ECR.replaceAll('.', String.raw`\.`);

describe('the host of a regular expression', () => {
  it.each([
    `^${HOST}/`,
    `^${HOST}/app$`,
    String.raw`^oci://${HOST}/(team-a|team-b)/.*\|[|)]$`,
    `^${HOST}/((a|b)|(c|(d|e)))+`,
  ])('is the one with which it begins: %s', (expression) => {
    expect(hostOfExpression(expression)).toBe(ECR);
    const [matched] = new RegExp(expression).exec(`oci://${ECR}.evil.example.com/app`) ?? [];
    expect(matched).toBeUndefined();
  });

  it('has a port if the expression has one', () => {
    expect(hostOfExpression(`^${HOST}:443/`)).toBe(`${ECR}:443`);
  });

  it.each([
    ['matches everything', '.*'],
    ['is empty', ''],
    ['has no beginning', `${HOST}/`],
    ['has no slash', `^${HOST}`],
    ['has a dot that matches any character', `^${ECR}/`],
    ['needs no slash', `^${HOST}/?`],
    ['needs no slash either', `^${HOST}/*.evil`],
    ['needs no slash with {0}', `^${HOST}/{0}.evil`],
    ['has a choice of other hosts', `^${HOST}/|.*`],
    ['has a choice behind a group', `^${HOST}/(a|b)|evil`],
    ['has a choice behind a class with a parenthesis', `^${HOST}/[(]|.*[)]`],
    ['has a choice behind a class with a bracket', `^${HOST}/[]]|.*`],
    ['has a choice between quoted parentheses', String.raw`^${HOST}/\Q(\E|.*\Q)\E`],
    ['has a choice of hosts', `^(${HOST}|evil)/`],
    ['has a choice that is not closed', `^${HOST}/(a|b`],
    ['has a pattern in the host', String.raw`^\d+\.dkr\.ecr\.eu-west-1\.amazonaws\.com/`],
    ['has a host that may end before', `^${HOST}m?/`],
    ['is too long', `^${HOST}/${'a'.repeat(2_048)}`],
  ])('is unknown if it %s', (_, expression) => {
    expect(hostOfExpression(expression)).toBeUndefined();
  });

  it('is found without running it, however long that would take, and however many parentheses it has', () => {
    expect(hostOfExpression(`^${HOST}/((((a+)+)+)+)+$`)).toBe(ECR);
    for (const part of ['(', ')', '[(', '()(', '|'])
      expect(hostOfExpression(`^${HOST}/${part.repeat(600)}`)).toBeUndefined();
  });
});
