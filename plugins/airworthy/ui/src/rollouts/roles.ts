import type { Caller } from "../api/messages";

export const ROLLING_BACK = ["operator", "approver", "admin"];
export const SHORTEST_REASON = 3;

/** Why this caller may not do what one of these roles may; empty when they may. */
export const barrier = (roles: string[], caller: Caller | undefined, verb: string): string => {
  if (!caller) return "Asking who you are …";
  if (caller.kind !== "person") return `Only people ${verb}.`;
  if (roles.some((role) => caller.roles.includes(role))) return "";
  const yours = caller.roles.length ? caller.roles.join(", ") : "no role";
  return `Needs the role ${roles.join(" or ")}; ${caller.id} has ${yours}.`;
};
