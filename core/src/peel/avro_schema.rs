//! Schemas of Avro (Apache Avro 1.11, "Schema Declaration"): JSON text to types that a reader follows.

use hashbrown::HashMap;

use crate::json::{Token, Tokenizer, unescape};

/// Nesting of a schema that is read.
const DEPTH: u32 = 64;
/// Types of a schema that are read.
const MOST: usize = 1 << 14;

/// Number of a type in its [`Schema`].
pub(crate) type Id = usize;

/// What stands in the data.
#[derive(Debug)]
pub(crate) enum Type {
    Null,
    Boolean,
    /// `int` and `long` are written alike.
    Long,
    Float,
    Double,
    /// `bytes` and `string` are written alike.
    Bytes,
    Fixed(usize),
    Enum(Vec<String>),
    Array(Id),
    Map(Id),
    Union(Vec<Id>),
    Record(Vec<(String, Id)>),
}

/// All types of a schema.
#[derive(Debug)]
pub(crate) struct Schema {
    types: Vec<Type>,
    /// The outermost.
    pub(crate) root: Id,
}

impl Schema {
    /// Read a schema; `None` when it is none.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let mut tokens = Tokenizer::new(text, DEPTH);
        let first = tokens.next_token().ok()?;
        let json = parse(&mut tokens, first)?;
        if tokens.next_token().ok()? != Token::End {
            return None;
        }
        let mut types = Types::default();
        let root = types.add(&json, "")?;
        Some(Schema {
            types: types.list,
            root,
        })
    }

    /// A type.
    pub(crate) fn get(&self, id: Id) -> Option<&Type> {
        self.types.get(id)
    }
}

/// JSON, as far as schemas need it.
enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    String(String),
    Number(u64),
    Other,
}

fn text(raw: &[u8]) -> Option<String> {
    String::from_utf8(unescape(raw)?.into_owned()).ok()
}

/// The value that begins with this token; no deeper than the tokenizer allows.
fn parse(tokens: &mut Tokenizer<'_>, first: Token<'_>) -> Option<Json> {
    Some(match first {
        Token::ObjectStart => {
            let mut members = Vec::new();
            loop {
                match tokens.next_token().ok()? {
                    Token::Key(name) => {
                        let name = text(name)?;
                        let first = tokens.next_token().ok()?;
                        members.push((name, parse(tokens, first)?));
                    }
                    Token::ObjectEnd => break,
                    _ => return None,
                }
            }
            Json::Object(members)
        }
        Token::ArrayStart => {
            let mut elements = Vec::new();
            loop {
                match tokens.next_token().ok()? {
                    Token::ArrayEnd => break,
                    first => elements.push(parse(tokens, first)?),
                }
            }
            Json::Array(elements)
        }
        Token::String(raw) => Json::String(text(raw)?),
        Token::Number(digits) => {
            let number = std::str::from_utf8(digits).ok()?.parse();
            number.map_or(Json::Other, Json::Number)
        }
        Token::Bool(_) | Token::Null => Json::Other,
        _ => return None,
    })
}

#[derive(Default)]
struct Types {
    list: Vec<Type>,
    /// Named types by their full names.
    named: HashMap<String, Id, foldhash::fast::RandomState>,
}

/// A name with its namespace, and the namespace of what is inside.
fn full(members: &[(String, Json)], around: &str) -> Option<(String, String)> {
    let name = string(members, "name")?;
    if let Some((space, _)) = name.rsplit_once('.') {
        return Some((name.to_owned(), space.to_owned()));
    }
    let space = string(members, "namespace").unwrap_or(around);
    let whole = if space.is_empty() {
        name.to_owned()
    } else {
        format!("{space}.{name}")
    };
    Some((whole, space.to_owned()))
}

fn get<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    members
        .iter()
        .find_map(|(known, value)| (known == name).then_some(value))
}

fn string<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a str> {
    match get(members, name)? {
        Json::String(text) => Some(text),
        _ => None,
    }
}

impl Types {
    fn push(&mut self, kind: Type) -> Option<Id> {
        self.list.push(kind);
        (self.list.len() <= MOST).then(|| self.list.len() - 1)
    }

    /// Add what JSON says, inside a namespace.
    fn add(&mut self, json: &Json, space: &str) -> Option<Id> {
        match json {
            Json::String(name) => self.by_name(name, space),
            Json::Array(branches) => {
                let branches: Option<Vec<Id>> = branches
                    .iter()
                    .map(|branch| self.add(branch, space))
                    .collect();
                self.push(Type::Union(branches?))
            }
            Json::Object(members) => match get(members, "type")? {
                Json::String(kind) => self.complex(kind, members, space),
                // `{"type": {"type": "array", …}}`.
                inner => self.add(inner, space),
            },
            Json::Number(_) | Json::Other => None,
        }
    }

    fn by_name(&mut self, name: &str, space: &str) -> Option<Id> {
        let kind = match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" | "long" => Type::Long,
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" | "string" => Type::Bytes,
            _ => {
                let inside = self.named.get(&format!("{space}.{name}"));
                return inside.or_else(|| self.named.get(name)).copied();
            }
        };
        self.push(kind)
    }

    fn complex(&mut self, kind: &str, members: &[(String, Json)], space: &str) -> Option<Id> {
        match kind {
            "record" | "error" => {
                let (name, inside) = full(members, space)?;
                // The name is known inside the record already.
                let id = self.push(Type::Null)?;
                self.named.insert(name, id);
                let Json::Array(list) = get(members, "fields")? else {
                    return None;
                };
                let mut fields = Vec::with_capacity(list.len());
                for field in list {
                    let Json::Object(field) = field else {
                        return None;
                    };
                    let name = string(field, "name")?.to_owned();
                    fields.push((name, self.add(get(field, "type")?, &inside)?));
                }
                *self.list.get_mut(id)? = Type::Record(fields);
                Some(id)
            }
            "enum" => {
                let (name, _) = full(members, space)?;
                let Json::Array(list) = get(members, "symbols")? else {
                    return None;
                };
                let symbols = list.iter().map(|symbol| match symbol {
                    Json::String(symbol) => Some(symbol.clone()),
                    _ => None,
                });
                let id = self.push(Type::Enum(symbols.collect::<Option<_>>()?))?;
                self.named.insert(name, id);
                Some(id)
            }
            "fixed" => {
                let (name, _) = full(members, space)?;
                let Json::Number(size) = *get(members, "size")? else {
                    return None;
                };
                let id = self.push(Type::Fixed(usize::try_from(size).ok()?))?;
                self.named.insert(name, id);
                Some(id)
            }
            "array" => {
                let items = self.add(get(members, "items")?, space)?;
                self.push(Type::Array(items))
            }
            "map" => {
                let values = self.add(get(members, "values")?, space)?;
                self.push(Type::Map(values))
            }
            _ => self.by_name(kind, space),
        }
    }
}
