/** Where an invitation's link leads. */
export const invitationUrl = (publicUrl: string, token: string): string => `${publicUrl}/v1/invite/${token}`;
