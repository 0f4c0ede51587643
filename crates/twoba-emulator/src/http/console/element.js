// Decides how elements are made: text from the server is only ever text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** The element of that id, which stands in the page. */
export const at = (id) => document.getElementById(id);

/** An HTML element with attributes and children; a string becomes text. */
export const element = (name, attributes = {}, ...children) =>
  filled(document.createElement(name), attributes, children);

/** The same in SVG. */
export const drawn = (name, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, name), attributes, children);

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

/** Changes a text only where it is another one, so that nothing is read out again for nothing. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
