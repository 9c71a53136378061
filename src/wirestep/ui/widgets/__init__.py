"""Parts of a screen: attributes come down to them, messages go up; none of them asks the session."""
