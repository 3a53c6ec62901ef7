"""HTML to lines, and to what the markup says of each; needs the extra `html`."""
