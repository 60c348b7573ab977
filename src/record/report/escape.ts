/** Text as HTML shows it, inside an element or a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** JSON that no `</script>` or `<!--` in its strings can break out of a script element. */
export const embedJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');

/** Program text for a script element: a `</script` inside a string or comment stays the same program. */
export const embedScript = (code: string): string => code.replaceAll('</script', '<\\/script');
