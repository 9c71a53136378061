"""Parts of a screen: attributes come down, messages go up; none asks the session."""
