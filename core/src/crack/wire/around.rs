//! What is known about a message besides the value itself.

/// Host, path, headers and fields of the message that holds a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// Host the client asked for, lower case, without port.
    pub host: &'a str,
    /// Path, without query.
    pub path: &'a str,
    /// Header fields in order, names as sent.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Fields of query and form, names and values decoded from percent encoding.
    pub fields: &'a [(&'a str, &'a [u8])],
}

impl<'a> Surroundings<'a> {
    /// True when the host is one of these names, or a name under one of them; `*` stands for anything.
    pub(crate) fn host_is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| match name.split_once('*') {
            Some((start, end)) => self
                .host
                .strip_prefix(start)
                .is_some_and(|rest| rest.ends_with(end)),
            None => self
                .host
                .strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        })
    }

    /// True when the path begins with one of these.
    pub(crate) fn path_is(&self, starts: &[&str]) -> bool {
        starts.iter().any(|start| self.path.starts_with(start))
    }

    /// True when one of these stands in the path.
    pub(crate) fn path_has(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.path.contains(part))
    }

    /// A header, compared without case.
    pub(crate) fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// A field; of several with one name the first.
    pub(crate) fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// True when all of these fields are there.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.field(name).is_some())
    }
}
