/**
 * Suppresses eight lines of the AWS SDK about future versions of Node, which would appear on standard error at every
 * pull. The README has what matters of them. This is a setting of the whole process, so only a program may change it,
 * not the library.
 */
export function silenceSdk(env: NodeJS.ProcessEnv): void {
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
