import { isObject, listOf } from './template.ts';

const pseudo: Record<string, string> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

const named = (name: string): string => pseudo[name] ?? `<${name}>`;

/**
 * A value of a template as text, as it would be in us-east-1 of account 123456789012. What only a deployment knows
 * stays a name: `<WorkQueue>` for Ref, `<WorkQueue.Arn>` for Fn::GetAtt. Empty where there is no value.
 */
export const evaluate = (value: unknown): string => {
  if (!isObject(value)) return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': sub, 'Fn::Join': join } = value;
  if (typeof ref === 'string') return named(ref);
  if (attribute !== undefined) return `<${listOf(attribute).join('.')}>`;
  if (Array.isArray(join)) return listOf(join[1]).map(evaluate).join(String(join[0]));
  if (sub !== undefined) {
    const [text, locals] = Array.isArray(sub) ? sub : [sub, {}];
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      return isObject(locals) && name in locals ? evaluate(locals[name]) : named(name);
    });
  }
  return JSON.stringify(value);
};

/** The logical id that a value refers to, by Ref or by an ARN; empty where it refers to none. */
export const idOf = (value: unknown): string => /^<(\w+)(\.\w*Arn)?>$/.exec(evaluate(value))?.[1] ?? '';
