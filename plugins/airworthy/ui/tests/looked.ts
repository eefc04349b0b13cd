import axe from "axe-core";

/** What axe has against a page as it stands; without colours, which jsdom does not paint. */
export const violations = async (where: HTMLElement): Promise<string[]> => {
  const found = await axe.run(where, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
};
