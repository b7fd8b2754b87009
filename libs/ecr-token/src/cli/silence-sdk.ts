/**
 * Keeps eight lines of the AWS SDK's about the next Node off standard error, where they would stand in every pull. The
 * README says what matters of them. It is set for the whole process, so only a program may do it, not the library.
 */
export function silenceSdk(env: NodeJS.ProcessEnv): void {
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
