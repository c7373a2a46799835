import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { RecipeStore } from '../core/ports.ts';
import { canonicalJson, restoreRecipe } from '../core/recipe/canonical-recipe.ts';
import { answered } from './answered.ts';
import { recipeItemKey } from './jobs-table.ts';

/** The canonical recipes in the jobs table, by their hash: written once, never changed. */
export const dynamoDbRecipeStore = (client: DynamoDBClient, table: string): RecipeStore => {
  const saved = new Set<string>();
  return {
    async save({ recipe, hash }) {
      if (saved.has(hash)) return;
      await answered(
        'DynamoDB to answer a PutItem',
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall({ ...recipeItemKey(hash), recipe: canonicalJson(recipe) }),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
        ['ConditionalCheckFailedException'],
      );
      saved.add(hash);
    },
    async load(hash) {
      const answer = await answered(
        'DynamoDB to answer a GetItem',
        client.send(new GetItemCommand({ TableName: table, Key: marshall(recipeItemKey(hash)), ConsistentRead: true })),
      );
      if (answer?.Item === undefined) return undefined;
      return restoreRecipe(unmarshall(answer.Item).recipe, hash);
    },
  };
};
