// What several modules ask of forms.

// Whether somebody has typed or chosen something that the page did not say.
export function isChanged(form) {
  return [...form.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const options = [...field.options];
    const isPreset = field.multiple || options.some((option) => option.defaultSelected);
    return isPreset
      ? options.some((option) => option.selected !== option.defaultSelected)
      : field.selectedIndex > 0;
  });
}
