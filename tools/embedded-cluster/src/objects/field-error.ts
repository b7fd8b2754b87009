/** Something wrong with one field, in the words of the API server (apimachinery's `field.Error`). */
export interface FieldError {
  /** Such as `metadata.name` or `data[.dockerconfigjson]`. */
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return {
    field,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value ?? null)}: ${why}`,
  };
}

export function required(field: string, why = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: why ? `Required value: ${why}` : 'Required value' };
}

export function forbidden(field: string, why: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((one) => `"${one}"`).join(', ');
  return {
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
  };
}

export function tooLong(field: string, bytes: number): FieldError {
  return { field, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${bytes} bytes` };
}

export function immutableField(field: string, before: unknown, after: unknown): FieldError[] {
  return before === after ? [] : [invalidValue(field, after, 'field is immutable')];
}
