//! The numbers of a model or layer: layout, names, beginning.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::parse::{Definition, Field};

/// A field as numbers.
pub(crate) struct Numbers<'a> {
    pub(crate) field: &'a Field,
    /// The type that lies in the struct.
    pub(crate) stored: TokenStream,
    /// The type whose numbers are described: the same, unless that has none, which is an error of its own.
    pub(crate) described: TokenStream,
}

impl Numbers<'_> {
    /// Of a type that surely has numbers.
    pub(crate) fn of(field: &Field, kind: TokenStream) -> Numbers<'_> {
        Numbers { field, stored: kind.clone(), described: kind }
    }
}

/// `unsafe impl Parameters`: the layout is proven by a constant, the fields by the calls in `describe`.
pub(crate) fn parameters(
    target: &TokenStream,
    bounded: &TokenStream,
    clause: &TokenStream,
    element: &TokenStream,
    fields: &[Numbers<'_>],
    is_layer: bool,
) -> TokenStream {
    let sizes = fields.iter().map(
        |Numbers { field, stored, .. }| quote_spanned!(field.kind.span()=> ::core::mem::size_of::<#stored>()),
    );
    let described = fields.iter().filter(|numbers| !is_phantom(&numbers.field.kind)).map(|Numbers { field, described: kind, .. }| {
        let name = field_name(field);
        let frozen = field.frozen;
        let described = if frozen {
            quote_spanned!(field.kind.span()=> walk.with_role::<#kind>(::nanotorch::model::Role::Frozen, &path.field(#name));)
        } else {
            quote_spanned!(field.kind.span()=> <#kind as ::nanotorch::model::Parameters>::describe(&path.field(#name), walk);)
        };
        quote_spanned! {field.kind.span()=>
            let _: fn(#element) -> <#kind as ::nanotorch::model::Parameters>::Element = |number| number;
            #described
        }
    });
    let buffers = fields.iter().filter(|numbers| !numbers.field.frozen && !is_phantom(&numbers.field.kind));
    let buffers = buffers.map(|Numbers { field, described, .. }| {
        quote_spanned!(field.kind.span()=> <#described as ::nanotorch::model::Parameters>::BUFFERS)
    });
    // A model has layers whatever they hold; a layer has some if a field has.
    let layers = fields.iter().filter(|numbers| !is_phantom(&numbers.field.kind));
    let layers = layers.map(|Numbers { field, described, .. }| {
        quote_spanned!(field.kind.span()=> <#described as ::nanotorch::model::Parameters>::LAYERS)
    });
    let layers = is_layer.then(|| quote!(const LAYERS: bool = false #(|| #layers)*;));
    quote! {
        // SAFETY: the struct is `repr(C)`; that its fields fill it is asserted in `PARAMS`, and that each consists of the
        // element type alone by the functions in `describe`, which turn one into the other.
        unsafe impl<#bounded> ::nanotorch::model::Parameters for #target #clause {
            type Element = #element;
            const BUFFERS: usize = 0 #(+ #buffers)*;
            #layers
            const PARAMS: usize = {
                ::core::assert!(
                    ::core::mem::size_of::<Self>() == 0 #(+ #sizes)*,
                    "the fields must fill the struct without gaps"
                );
                ::core::mem::size_of::<Self>() / ::core::mem::size_of::<#element>()
            };
            fn describe(path: &::nanotorch::model::Path<'_>, walk: &mut ::nanotorch::model::Walk<'_>) {
                let _ = path;
                let _ = &walk;
                #(#described)*
            }
        }
    }
}

/// `impl Initialize` for a model, whose layers begin one after the other.
pub(crate) fn initialize(target: &TokenStream, bounded: &TokenStream, clause: &TokenStream) -> TokenStream {
    quote! {
        impl<#bounded> ::nanotorch::model::Initialize for #target #clause {
            fn initialize(&mut self, random: &mut ::nanotorch::random::Random) {
                ::nanotorch::model::Module::begin(self, random);
            }
        }
    }
}

/// `Module::begin` of a model, field by field.
pub(crate) fn begin(definition: &Definition) -> TokenStream {
    let calls = definition.fields.iter().map(|field| {
        let name = &field.name;
        quote_spanned!(field.kind.span()=> ::nanotorch::model::Module::begin(&mut self.#name, random);)
    });
    quote! {
        fn begin(&mut self, random: &mut ::nanotorch::random::Random) {
            let _ = &random;
            #(#calls)*
        }
    }
}

/// Whether a field is a `PhantomData`, which holds no numbers.
pub(crate) fn is_phantom(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "PhantomData"))
}

/// A field's name as text, without the `r#` of a raw identifier.
pub(crate) fn field_name(field: &Field) -> String {
    crate::parse::plain_name(&field.name)
}
