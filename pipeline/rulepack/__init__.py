"""Rule packs: read, checked, and judged on one call. The language is described in docs/zh/规则手册.md."""
