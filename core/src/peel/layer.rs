//! What a layer is: something that can be taken off bytes, and how the search hears of it.

use super::bench::Bench;
use super::fields::Fields;
use super::look::Look;
use super::tree::Node;

/// One kind of wrapping. Each has its own file and its own place in [`super::REGISTRY`].
pub(crate) trait Layer: Sync {
    /// The name in chains.
    fn name(&self) -> &'static str;

    /// The hint without which the layer is not there; `None` when it needs none.
    fn hint(&self) -> Option<Hint> {
        None
    }

    /// Bytes below which nothing can be it.
    fn shortest(&self) -> usize;

    /// Whether it can begin with this byte.
    fn begins_with(&self, first: u8) -> bool;

    /// [`super::look::kind`]s of bytes that are never in it.
    fn never(&self) -> u32 {
        0
    }

    /// [`super::look::kind`]s of bytes of which at least one is in it; 0 when it needs none.
    fn needs(&self) -> u32 {
        0
    }

    /// Whether its child is as large as its input: values longer than a layer may yield are then not tried.
    fn copies(&self) -> bool {
        false
    }

    /// A cheap test that is never wrong when it says no: kinds of bytes, length, magic number, hints.
    fn can(&self, look: &Look<'_>, context: Context) -> bool;

    /// Take the layer off, if what comes out proves that it was there.
    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened>;

    /// Take the layer off again without asking for proof, and choose one child: for a replay.
    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>>;
}

/// What is known about bytes from around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Nothing.
    None,
    /// A query, or a body declared `application/x-www-form-urlencoded`.
    Form,
    /// Value of a Cookie or Set-Cookie header.
    Cookie,
    /// A body declared `text/event-stream`.
    Events,
    /// A body declared `application/grpc`, `application/grpc-web` or `application/grpc-web-text`.
    Grpc,
    /// A body declared to be a protobuf message, or a message of gRPC.
    Protobuf,
    /// Path of a URL.
    Path,
    /// Value of an Authorization header.
    Credentials,
}

impl Hint {
    /// How many there are.
    pub(crate) const COUNT: usize = Hint::Credentials as usize + 1;
}

/// How sure it is that the bytes are what they seem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They stand in the message, or a checksum vouches for them.
    Given,
    /// They come out of base64 or hex and must prove that this was right.
    Encoded,
    /// They come out of a decompressor without a checksum: only structure proves it.
    Unchecked,
}

/// Where in the search a layer is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// What the surroundings say.
    pub(crate) hint: Hint,
    /// How sure the bytes are.
    pub(crate) standing: Standing,
    /// Layers that may still be taken off.
    pub(crate) depth_left: u32,
}

impl Context {
    /// The context of the child of a layer that must be proven by it.
    pub(crate) fn child(self, standing: Standing) -> Self {
        Context {
            hint: Hint::None,
            standing,
            depth_left: self.depth_left.saturating_sub(1),
        }
    }

    /// True when nothing has to be proven.
    pub(crate) fn given(self) -> bool {
        self.standing == Standing::Given
    }
}

/// A limit of [`Limits`], by name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Its name, as in [`crate::model::LimitHit::what`].
    pub(crate) what: &'static str,
    /// Its value.
    pub(crate) limit: u64,
}

/// Why a layer was not fully opened although it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The bytes end before the layer does.
    Truncated,
    /// It breaks off in the middle.
    Malformed,
    /// It is known what it is, and not how to read it.
    Unread,
    /// A limit ended it.
    Limit(Reached),
}

/// What is known about the one child of a layer.
pub(crate) enum Inner {
    /// Nothing yet.
    Unknown,
    /// It was opened to prove the layer around it.
    Known(Box<Opened>),
    /// It is a leaf.
    Leaf,
}

/// A layer that was taken off.
pub(crate) enum Opened {
    /// One child.
    One {
        /// The layer.
        layer: &'static str,
        /// The child.
        bytes: Vec<u8>,
        /// What is in it.
        inner: Inner,
        /// What is missing.
        flaw: Option<Flaw>,
    },
    /// A flat list of named children.
    Many {
        /// The layer.
        layer: &'static str,
        /// The children.
        fields: Fields,
    },
    /// A tree of values, walked to its scalars.
    Tree {
        /// The layer.
        layer: &'static str,
        /// The tree, over the bytes that were opened.
        nodes: Vec<Node>,
        /// What is missing.
        flaw: Option<Flaw>,
    },
    /// The layer is there, but a limit forbids to take it off.
    Stopped {
        /// The layer.
        layer: &'static str,
        /// The limit.
        reached: Reached,
    },
}

impl Opened {
    /// The layer.
    pub(crate) fn layer(&self) -> &'static str {
        match self {
            Opened::One { layer, .. }
            | Opened::Many { layer, .. }
            | Opened::Tree { layer, .. }
            | Opened::Stopped { layer, .. } => layer,
        }
    }
}
